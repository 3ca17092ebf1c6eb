// Asks the server for older messages, for one room at a time.

import { ANSWER_TIMEOUT, FIRST_RETRY_PAUSE } from "./timing.js";

const PAGE_MESSAGES = 50; // in one request

export class HistoryRequests {
  #socket;
  #clock;
  #onChange;
  #request = null; // {conversation, part}: `part` is {before} or {after}
  #timer = null;

  constructor({ socket, clock, onChange }) {
    this.#socket = socket;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get loading() {
    return this.#request !== null;
  }

  /**
   * Ask for messages of a gap in a log: for its last ones, or for its first ones if `forward`.
   * Returns false while disconnected, or while another request is under way.
   */
  load(conversation, gap, { forward = false } = {}) {
    if (!this.#socket.connected || this.loading) return false;
    return this.#ask(conversation, forward ? { after: gap.seq - 1 } : { before: gap.last + 1 });
  }

  /** Ask for the messages around a line that lies in a gap. */
  loadAround(conversation, seq) {
    if (!this.#socket.connected || this.loading) return;
    this.#ask(conversation, { before: seq + PAGE_MESSAGES / 2 });
  }

  #ask(conversation, part) {
    const { room } = conversation;
    this.#request = { conversation, part };
    this.#startTimer(ANSWER_TIMEOUT);
    const frame = { type: "history", ...(room && { room }), ...part };
    this.#socket.send({ ...frame, limit: PAGE_MESSAGES, count: "messages" });
    return true;
  }

  /** Ask for the end of a log, where it is not loaded. */
  loadNewest(conversation) {
    const { log } = conversation;
    return log.hasNewer && this.load(conversation, log.lines.at(-1));
  }

  /** Put an answer into the log that it belongs to. */
  answered(frame) {
    const request = this.#request;
    if (!request || (frame.room ?? null) !== request.conversation.room) return;
    this.stop();
    const isShorter = request.conversation.log.fill(request.part, frame);
    if (isShorter) return;
    this.#request = request;
    this.pause();
  }

  /** The server answers some seconds later than usual. */
  waitLonger(seconds) {
    if (this.loading) this.#startTimer(seconds * 1_000 + ANSWER_TIMEOUT);
  }

  /** The server has no answer now. Ask again after a pause at the earliest. */
  pause() {
    if (!this.loading) return;
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => {
      this.stop();
      this.#onChange();
    }, FIRST_RETRY_PAUSE);
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#request = null;
  }

  #startTimer(delay) {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => this.#socket.reconnect(), delay);
  }
}
