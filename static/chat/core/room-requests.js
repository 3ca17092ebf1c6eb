// Requests that change rooms, such as join and topic, and those of moderators. The server answers
// those of one type in their order.

const LOST = "The connection was lost. Try again.";

export class RoomRequests {
  #socket;
  #waiting = {}; // functions that take the answer, by the type of the request

  constructor(socket) {
    this.#socket = socket;
  }

  /**
   * Send a request. The promise has the fields of the answer, such as {room}, the summary of the room,
   * or {problem, code}, the text and the code of an error.
   */
  send(frame) {
    if (!this.#socket.connected) return Promise.resolve({ problem: LOST });
    this.#socket.send(frame);
    return new Promise((resolve) => {
      this.#waiting[frame.type] = [...(this.#waiting[frame.type] ?? []), resolve];
    });
  }

  /** Give a frame to the request that it answers; false if there is none. */
  answered({ answer, type, code, text, ...fields }) {
    const resolve = this.#waiting[answer]?.shift();
    resolve?.(type === "error" ? { problem: text, code } : fields);
    return resolve !== undefined;
  }

  disconnected() {
    const waiting = Object.values(this.#waiting).flat();
    this.#waiting = {};
    for (const resolve of waiting) resolve({ problem: LOST });
  }
}
