// A WebSocket that connects again after a failure. It knows nothing about what is said in the
// room. The caller passes in `open(after)`, which makes a WebSocket, and a clock and a source of
// randomness, so that tests control all three.

import { ReconnectPolicy } from "./reconnect-policy.js";
import {
  ANSWER_TIMEOUT,
  CLOSE_TIMEOUT,
  LONGEST_WELCOME_TIMEOUT,
  PING_AFTER,
  STALE_ATTEMPT,
  WELCOME_TIMEOUT,
} from "./timing.js";

export class ReconnectingSocket {
  state = { name: "new" };
  #open;
  #clock;
  #random;
  #lastSeq;
  #onFrame;
  #onChange;
  #policy;
  #webSocket = null;
  #left = null; // the WebSocket on which the user has left
  #bye = null; // the frame in which the server says that it will close, and why
  #timer = null;
  #attemptAt = 0;
  #connectedAt = 0;
  #lastFrameAt = 0;
  #welcomeTimeout = WELCOME_TIMEOUT;

  constructor({ open, clock, random = Math.random, lastSeq, onFrame, onChange }) {
    this.#open = open;
    this.#clock = clock;
    this.#random = random;
    this.#lastSeq = lastSeq;
    this.#onFrame = onFrame;
    this.#onChange = onChange;
    this.#policy = new ReconnectPolicy(random);
  }

  get connected() {
    return this.state.name === "connected";
  }

  /** Whether the page's account is no longer the one that is signed in. */
  get signedOut() {
    return ["signed_out", "other_account"].includes(this.state.name);
  }

  connect() {
    this.#detach()?.close();
    this.#left?.close(); // it may still be opening, and would replace the new one
    this.#left = null;
    this.#bye = null;
    this.#attemptAt = this.#clock.now();
    const webSocket = (this.#webSocket = this.#open(this.#lastSeq()));
    webSocket.onmessage = ({ data }) => this.#receive(data);
    webSocket.onclose = ({ code }) => this.#closed(code);
    this.#setTimer(this.#welcomeTimeout, () => {
      this.#welcomeTimeout = Math.min(LONGEST_WELCOME_TIMEOUT, this.#welcomeTimeout * 2);
      this.reconnect();
    });
    const { reason, lostAt } = this.state;
    this.#setState({ name: "connecting", reason, lostAt });
  }

  send(frame) {
    this.#webSocket?.send(JSON.stringify(frame));
  }

  /** Replace a connection that seems to be dead by a new one, after a pause. */
  reconnect() {
    if (this.#webSocket) this.#wait(this.#policy.pauseAfterFailure(this.#connectedFor), "lost");
  }

  /** Do not wait for the next attempt: the network is back, or the page is visible again. */
  retryNow() {
    const { name, reason } = this.state;
    const isStale = this.#clock.now() - this.#attemptAt >= STALE_ATTEMPT;
    const isWaiting = name === "waiting" || (name === "connecting" && reason && isStale);
    if (isWaiting && reason !== "too_many") this.connect();
  }

  /** Ask for a sign of life after a long silence. A hidden page's timers may not have run. */
  checkAlive() {
    const silence = Math.abs(this.#clock.now() - this.#lastFrameAt); // the clock may be set back
    if (this.connected && silence >= PING_AFTER) this.#ping();
  }

  /**
   * Leave the room. The server closes the connection; if it does not, the page does. Without the
   * frame the server would keep the user's place for a while.
   */
  leave() {
    const webSocket = (this.#left = this.#detach());
    if (webSocket) {
      const logOut = () => webSocket.send(JSON.stringify({ type: "logout" }));
      if (webSocket.readyState === webSocket.CONNECTING) webSocket.onopen = logOut;
      else logOut();
      this.#clock.later(() => webSocket.close(), CLOSE_TIMEOUT);
    }
    this.#setState({ name: "left" });
  }

  /** Close the connection and stay in this state until the user acts. `more` describes it. */
  end(stateName, more = {}) {
    this.#detach()?.close();
    this.#setState({ ...more, name: stateName });
  }

  #receive(data) {
    const frame = parsed(data);
    if (frame === null) {
      this.reconnect();
      return;
    }
    this.#lastFrameAt = this.#clock.now();
    if (frame.type === "bye") {
      this.#bye = frame;
      this.#setTimer(CLOSE_TIMEOUT, () => this.#closed());
      return;
    }
    const isWelcome = frame.type === "welcome";
    if (isWelcome) {
      this.#connectedAt = this.#clock.now();
      this.#welcomeTimeout = WELCOME_TIMEOUT;
      this.state = { name: "connected" };
    }
    if (this.connected && !this.#bye) {
      // All members heard the same last line. Spread their pings so that they do not coincide.
      this.#setTimer(PING_AFTER * (1 + this.#random() / 2), () => this.#ping());
    }
    this.#onFrame(frame);
    if (isWelcome) this.#onChange(this.state);
  }

  /** A dead connection and a quiet room are both silent. An answer to `look` tells them apart. */
  #ping() {
    this.send({ type: "look" });
    this.#setTimer(ANSWER_TIMEOUT, () => this.reconnect());
  }

  #closed(closeCode) {
    const reason = this.#policy.reason(this.#bye, closeCode);
    const finalState = this.#policy.finalState(reason);
    if (finalState) {
      const { until, reason: why } = this.#bye ?? {};
      this.end(finalState, finalState === "banned" ? { endsAt: until, why } : {});
    } else {
      this.#wait(this.#policy.pause(reason, this.#bye, this.#connectedFor), reason);
    }
  }

  get #connectedFor() {
    return this.connected ? this.#clock.now() - this.#connectedAt : 0;
  }

  #wait(pause, reason) {
    this.#detach()?.close();
    this.#setTimer(pause, () => this.connect());
    const now = this.#clock.now();
    const { lostAt = now } = this.state;
    this.#setState({ name: "waiting", reason, lostAt, until: now + pause });
  }

  /** There is one timer: setting it cancels what was due before. */
  #setTimer(delay, call) {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(call, delay);
  }

  /** Stop listening to the WebSocket, and return it. A dead one may take minutes to close. */
  #detach() {
    this.#clock.cancel(this.#timer);
    const webSocket = this.#webSocket;
    if (webSocket) webSocket.onmessage = webSocket.onclose = null;
    this.#webSocket = null;
    return webSocket;
  }

  #setState(state) {
    this.state = state;
    this.#onChange(state);
  }
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
