// Sends the outbox in order, one message at a time, in whatever rooms they were written. The next
// message waits until the server has saved or refused the one before it.

import {
  ANSWER_TIMEOUT,
  backOff,
  FIRST_RETRY_PAUSE,
  HELD_MARGIN,
  LONGEST_RETRY_PAUSE,
} from "./timing.js";

export class Sender {
  delayCode = null; // the server's reason why the first message has to be sent again
  inFlight = null; // the client id of the message that awaits its answer
  #outbox;
  #socket;
  #clock;
  #random;
  #timer = null; // runs while a message is in flight or waits to be sent again
  #failures = 0;

  constructor({ outbox, socket, clock, random }) {
    this.#outbox = outbox;
    this.#socket = socket;
    this.#clock = clock;
    this.#random = random;
  }

  sendNext() {
    const message = this.#outbox.next;
    if (!message || !this.#socket.connected || this.#timer !== null) return;
    this.inFlight = message.client_id;
    this.#timer = this.#clock.later(() => this.#socket.reconnect(), ANSWER_TIMEOUT);
    const { room, text, client_id, files, reply } = message;
    const more = { ...(reply && { reply }), ...(files && { files: files.map(({ id }) => id) }) };
    this.#socket.send({ type: "say", ...(room && { room }), text, client_id, ...more });
  }

  /** Drop the messages that have become lines of the log. */
  acknowledge(lines) {
    for (const { client_id: id } of lines) if (id && this.#outbox.has(id)) this.saved(id);
  }

  saved(id) {
    this.#answered(id, () => this.#outbox.drop(id));
  }

  refused(id, why, options) {
    this.#answered(id, () => this.#outbox.refuse(id, why, options));
  }

  /** The message is saved, and waits for a moderator. */
  waits(id) {
    this.#answered(id, () => this.#outbox.hold(id));
  }

  /**
   * The server holds the message for some seconds and then saves it. Send it again if its line does
   * not come soon after.
   */
  held(id, seconds) {
    if (id !== this.inFlight) return;
    this.delayCode = "too_fast";
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => this.#sendAgain(), seconds * 1_000 + HELD_MARGIN);
  }

  /** Repeat the message in flight after a pause. `code` is the server's reason. */
  retryLater(code) {
    this.delayCode = code;
    this.#stopTimer();
    const pause = backOff(this.#failures, FIRST_RETRY_PAUSE, LONGEST_RETRY_PAUSE, this.#random);
    this.#failures += 1;
    this.#timer = this.#clock.later(() => this.#sendAgain(), pause);
  }

  #sendAgain() {
    this.#stopTimer();
    this.sendNext();
  }

  disconnected() {
    this.delayCode = null;
    this.#stopTimer();
  }

  #answered(id, updateOutbox) {
    if (id === this.#outbox.next?.client_id) this.delayCode = null;
    updateOutbox();
    if (id !== this.inFlight) return;
    this.#failures = 0;
    this.#stopTimer();
    this.sendNext();
  }

  #stopTimer() {
    this.#clock.cancel(this.#timer);
    this.#timer = this.inFlight = null;
  }
}
