// Whether the page connects again after a connection has ended, and after which pause.

import {
  backOff,
  FIRST_RECONNECT_PAUSE,
  FULL_SERVER_PAUSE,
  LONGEST_RECONNECT_PAUSE,
  STEADY_AFTER,
} from "./timing.js";

const REASONS_BY_CLOSE_CODE = {
  4401: "sign_in",
  4403: "removed",
  4406: "banned",
  4409: "replaced",
  4008: "slow",
  4012: "restart",
  4029: "too_many",
};
const FINAL_STATES = {
  logout: "left",
  sign_in: "signed_out",
  removed: "removed",
  banned: "banned",
  replaced: "replaced",
};

export class ReconnectPolicy {
  #random;
  #failures = 0;

  constructor(random) {
    this.#random = random;
  }

  /** Return the reason of the end: the code of the server's `bye`, or else that of the close code. */
  reason(bye, closeCode) {
    return bye?.code ?? REASONS_BY_CLOSE_CODE[closeCode] ?? "lost";
  }

  /** The state to stay in until the user asks to come back; undefined means: connect again. */
  finalState(reason) {
    return FINAL_STATES[reason];
  }

  /** The pause before the next attempt, in milliseconds. */
  pause(reason, bye, connectedFor) {
    const seconds = bye?.retry_in ?? null;
    if (reason !== "too_many" && seconds === null) return this.pauseAfterFailure(connectedFor);
    return (seconds === null ? FULL_SERVER_PAUSE : seconds * 1000) * (1 + this.#random() / 2);
  }

  /** `connectedFor`: how long the connection lasted after its welcome, in milliseconds. */
  pauseAfterFailure(connectedFor) {
    this.#failures = connectedFor >= STEADY_AFTER ? 0 : this.#failures + 1;
    return backOff(
      this.#failures,
      FIRST_RECONNECT_PAUSE,
      LONGEST_RECONNECT_PAUSE,
      this.#random,
    );
  }
}
