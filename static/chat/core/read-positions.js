// Tells the server how far the user has read, at most once a second.

const PAUSE = 1_000; // ms

export class ReadPositions {
  #socket;
  #clock;
  #waiting = new Map(); // the number of the last line that was read, by room
  #unconfirmed = new Map(); // what the server has not answered yet, by room
  #timer = null;

  constructor({ socket, clock }) {
    this.#socket = socket;
    this.#clock = clock;
  }

  note(room, seq) {
    this.#waiting.set(room, seq);
    this.#unconfirmed.set(room, seq);
    if (this.#timer === null) this.flush();
  }

  /** Whether a position that the server tells is not older than what the user has read here. */
  isConfirmed(room, seq) {
    if (seq < this.#unconfirmed.get(room)) return false;
    this.#unconfirmed.delete(room);
    return true;
  }

  /** Send nothing of what was read in a room, and take over what the server tells of it. */
  forget(room) {
    this.#waiting.delete(room);
    this.#unconfirmed.delete(room);
  }

  /** Forget what was sent over a lost connection. */
  disconnected() {
    this.#unconfirmed.clear();
  }

  /** Send what waits, for example before another room is shown. */
  flush() {
    if (!this.#waiting.size || !this.#socket.connected) return;
    for (const [room, seq] of this.#waiting) this.#socket.send({ type: "read", room, seq });
    this.#waiting.clear();
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => {
      this.#timer = null;
      this.flush();
    }, PAUSE);
  }
}
