// Requests that change rooms: join, part, topic, invite, direct, level and favourite. The server
// answers those of one type in their order.

const LOST = "The connection was lost. Try again.";

export class RoomRequests {
  #socket;
  #waiting = {}; // functions that take the answer, by the type of the request

  constructor(socket) {
    this.#socket = socket;
  }

  /** Send a request. The promise has {room}, the summary of the room, or {problem}, a text. */
  send(frame) {
    if (!this.#socket.connected) return Promise.resolve({ problem: LOST });
    this.#socket.send(frame);
    return new Promise((resolve) => {
      this.#waiting[frame.type] = [...(this.#waiting[frame.type] ?? []), resolve];
    });
  }

  /** Give a frame `room` or `error` to the request that it answers; false if there is none. */
  answered({ answer, type, room, text }) {
    const resolve = this.#waiting[answer]?.shift();
    resolve?.(type === "error" ? { problem: text } : { room });
    return resolve !== undefined;
  }

  disconnected() {
    const waiting = Object.values(this.#waiting).flat();
    this.#waiting = {};
    for (const resolve of waiting) resolve({ problem: LOST });
  }
}
