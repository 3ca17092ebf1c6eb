// Requests about messages: edit, remove, restore and react. Their effect comes as a line of the log,
// and repeating one changes nothing. So those without an answer are sent again after a lost
// connection.

import { isYou } from "./people.js";
import { isSameReaction } from "./reactions.js";
import { ANSWER_TIMEOUT, FIRST_RETRY_PAUSE } from "./timing.js";

const KINDS = { edited: "edit", removed: "remove", restored: "restore", reacted: "react" };

export class MessageRequests {
  #socket;
  #clock;
  #waiting = []; // {frame, resolve}, in the order in which they were made
  #timer = null;

  constructor({ socket, clock }) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /**
   * Send a frame {type, room, seq, ...}; `room` is the id of a conversation, null for the lobby.
   * The promise has the reason for which the server refuses it, or "".
   */
  send({ room, ...frame }) {
    return new Promise((resolve) => {
      const request = { frame: { ...frame, ...(room && { room }) }, resolve };
      this.#waiting.push(request);
      this.#transmit(request);
    });
  }

  /** Whether a message waits for what was asked. */
  isWaiting(room, seq) {
    return this.#waiting.some(({ frame }) => frame.seq === seq && (frame.room ?? null) === room);
  }

  /** Whether anything would be lost with the page. */
  get isBusy() {
    return this.#waiting.length > 0;
  }

  /** Send what has no answer yet over a new connection. */
  resume() {
    for (const request of this.#waiting) this.#transmit(request);
  }

  /** Take the frame `done` or `error`; false if it answers no request. */
  answered({ type, code, answer, room, seq, text }) {
    const index = this.#waiting.findIndex(
      ({ frame }) =>
        frame.type === answer && [frame.seq, undefined].includes(seq) && frame.room === room,
    );
    if (index < 0) return false;
    if (code === "try_again") this.#startTimer(FIRST_RETRY_PAUSE, () => this.resume());
    else this.#finish(index, type === "error" ? text : "");
    return true;
  }

  /** Take lines of a conversation, some of which answer requests of the user. */
  took(room, lines, you) {
    for (const { kind, name, guest, of, text } of lines) {
      if (!Object.hasOwn(KINDS, kind) || !isYou({ name, guest }, you)) continue;
      const index = this.#waiting.findIndex(
        ({ frame }) =>
          frame.type === KINDS[kind] &&
          frame.seq === of &&
          (frame.room ?? null) === room &&
          (kind !== "reacted" || isSameReaction(text, `${frame.on ? "" : "-"}${frame.emoji}`)),
      );
      if (index >= 0) this.#finish(index, "");
    }
  }

  /** The server answers some seconds later than usual. */
  waitLonger(seconds) {
    if (this.#timer !== null) this.#startTimer(seconds * 1_000 + ANSWER_TIMEOUT);
  }

  disconnected() {
    this.#stopTimer();
  }

  #transmit({ frame }) {
    if (!this.#socket.connected) return;
    this.#socket.send(frame);
    this.#startTimer(ANSWER_TIMEOUT);
  }

  #finish(index, problem) {
    const [{ resolve }] = this.#waiting.splice(index, 1);
    if (this.#waiting.length) this.#startTimer(ANSWER_TIMEOUT);
    else this.#stopTimer();
    resolve(problem);
  }

  #startTimer(delay, act = () => this.#socket.reconnect()) {
    this.#stopTimer();
    this.#timer = this.#clock.later(act, delay);
  }

  #stopTimer() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}
