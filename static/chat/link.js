// The connection to the server: when to open it, when to wait, when to give up. It knows nothing
// of what is said. `open(after)` makes a WebSocket; clock and chance are given, too.

const WELCOME_IN = 15_000; // doubles while it does not come: over a slow line it takes long
const LONGEST_WELCOME = 120_000;
const ANSWER_IN = 10_000;
const CLOSED_IN = 3_000; // after a goodbye, from either side
const QUIET = 30_000; // nothing was heard for so long: is anybody there?
const STEADY_AFTER = 5_000; // a connection that lived that long was no failure
const SHORTEST = 500;
const LONGEST = 30_000;
const TOO_MANY = 30_000;

const REASONS = {
  4401: "sign_in",
  4403: "removed",
  4008: "slow",
  4012: "restart",
  4029: "too_many",
};
const ENDS = { logout: "left", sign_in: "signed_out", removed: "removed" };

export class Link {
  state = { name: "new" };
  #open;
  #clock;
  #random;
  #after;
  #hear;
  #changed;
  #socket = null;
  #bye = null;
  #timer = null;
  #failures = 0;
  #since = 0;
  #heardAt = 0;
  #patience = WELCOME_IN;

  constructor({ open, clock, random = Math.random, after, hear, changed }) {
    this.#open = open;
    this.#clock = clock;
    this.#random = random;
    this.#after = after;
    this.#hear = hear;
    this.#changed = changed;
  }

  get connected() {
    return this.state.name === "connected";
  }

  /** Whether it has ended and stays so until somebody asks for it. */
  get over() {
    return Object.values(ENDS).includes(this.state.name);
  }

  connect() {
    this.#drop();
    this.#bye = null;
    const socket = (this.#socket = this.#open(this.#after()));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
    this.#due(this.#patience, () => this.#unwelcome());
    this.#be({ name: "connecting", why: this.state.why });
  }

  send(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The connection seems to be dead: make a new one, soon. */
  lost() {
    if (this.#socket) this.#wait(this.#backoff(), "lost");
  }

  /** The page is in sight again. Its timers may have slept: ask, when it was silent for a while. */
  probe() {
    const silence = Math.abs(this.#clock.now() - this.#heardAt); // a clock may be set back
    if (this.connected && silence >= QUIET) this.#ask();
  }

  /** Things look better than before (back online, in sight again): do not wait any longer. */
  hurry() {
    if (this.state.name === "waiting" && this.state.why !== "too_many") this.connect();
  }

  /** Say goodbye. The server closes; if it does not, we do. */
  leave() {
    const socket = this.#socket;
    if (socket && this.connected) {
      this.send({ type: "logout" });
      this.#abandon();
      this.#clock.later(() => socket.close(), CLOSED_IN);
    }
    this.#drop();
    this.#be({ name: "left" });
  }

  #receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return this.lost();
    }
    this.#heardAt = this.#clock.now();
    if (frame.type === "bye") {
      this.#bye = frame;
      this.#due(CLOSED_IN, () => this.#closed());
    } else if (frame.type === "welcome") {
      this.#since = this.#clock.now();
      this.#patience = WELCOME_IN;
      this.state = { name: "connected" };
      this.#listen();
      this.#hear(frame);
      this.#changed(this.state);
    } else {
      if (this.connected && !this.#bye) this.#listen();
      this.#hear(frame);
    }
    return undefined;
  }

  /** A dead connection is silent, and so is a quiet room: after a while, ask which it is. */
  #listen() {
    // All have heard the same last line, and should not all ask at once.
    this.#due(QUIET * (1 + this.#random() / 2), () => this.#ask());
  }

  #ask() {
    this.send({ type: "look" });
    this.#due(ANSWER_IN, () => this.lost());
  }

  #unwelcome() {
    this.#patience = Math.min(LONGEST_WELCOME, this.#patience * 2);
    this.lost();
  }

  #closed(code) {
    const why = this.#bye?.code ?? REASONS[code] ?? "lost";
    if (ENDS[why]) {
      this.#drop();
      this.#be({ name: ENDS[why] });
    } else {
      this.#wait(this.#pause(why), why);
    }
  }

  #pause(why) {
    const told = this.#bye?.retry_in;
    if (why !== "too_many" && told == null) return this.#backoff();
    return (told == null ? TOO_MANY : told * 1000) * (1 + this.#random() / 2);
  }

  #backoff() {
    const steady = this.connected && this.#clock.now() - this.#since >= STEADY_AFTER;
    this.#failures = steady ? 0 : this.#failures + 1;
    const longest = Math.min(LONGEST, SHORTEST * 2 ** this.#failures);
    return longest * (0.5 + this.#random() / 2);
  }

  #wait(ms, why) {
    this.#drop();
    this.#due(ms, () => this.connect());
    this.#be({ name: "waiting", why, until: this.#clock.now() + ms });
  }

  /** One thing at a time is due: what comes first cancels what was. */
  #due(ms, call) {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(call, ms);
  }

  #drop() {
    this.#clock.cancel(this.#timer);
    const socket = this.#socket;
    this.#abandon();
    socket?.close();
  }

  /** A dead socket takes its time to close; nobody listens to it any more. */
  #abandon() {
    if (this.#socket) this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket = null;
  }

  #be(state) {
    this.state = state;
    this.#changed(state);
  }
}
