// Opens the room that is shown, so that its lines come, and closes it when another one is shown.

import { ANSWER_TIMEOUT, FIRST_RETRY_PAUSE } from "./timing.js";

export class RoomOpening {
  #socket;
  #clock;
  #timer = null;

  constructor({ socket, clock }) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Ask for the lines that the page does not have yet, and for those that come later. */
  open(conversation) {
    const { room, log } = conversation;
    if (room === null || !this.#socket.connected) return;
    if (conversation.status !== "open") conversation.status = "opening";
    const after = log.last === null ? {} : { after: log.last };
    this.#socket.send({ type: "open", room, ...after, count: "messages" });
    this.#startTimer(ANSWER_TIMEOUT);
  }

  close(conversation) {
    const { room, status } = conversation;
    this.answered();
    if (room === null || status === "closed") return;
    conversation.status = "closed";
    if (this.#socket.connected) this.#socket.send({ type: "close", room });
  }

  /** Ask again after a pause. */
  retryLater(conversation) {
    this.answered();
    this.#timer = this.#clock.later(() => this.open(conversation), FIRST_RETRY_PAUSE);
  }

  /** The server answers some seconds later than usual. */
  waitLonger(seconds) {
    if (this.#timer !== null) this.#startTimer(seconds * 1_000 + ANSWER_TIMEOUT);
  }

  /** The server has answered, or its answer does not matter any more. */
  answered() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #startTimer(delay) {
    this.answered();
    this.#timer = this.#clock.later(() => this.#socket.reconnect(), delay);
  }
}
