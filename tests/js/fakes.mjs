// Stand-ins for the clock, the network and the browser's storage, and frames of a server.

/** A clock that a test moves by hand. */
export class ManualClock {
  time = 1_700_000_000_000;
  #timers = new Map();
  #lastId = 0;

  now = () => this.time;

  later = (call, delay) => {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { call, at: this.time + delay });
    return this.#lastId;
  };

  cancel = (id) => {
    this.#timers.delete(id);
  };

  /** Let this many milliseconds pass, and run the timers that become due, in order. */
  pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      if (!due.length) break;
      const [id, { call, at }] = due.sort(([, one], [, other]) => one.at - other.at)[0];
      this.#timers.delete(id);
      this.time = at;
      call();
    }
    this.time = end;
  }
}

/** A WebSocket that records what is sent, and receives what the test says. */
export class FakeWebSocket {
  CONNECTING = 0;
  readyState = 1; // open
  sent = [];
  closed = false;

  constructor(after) {
    this.after = after;
  }

  send(data) {
    this.sent.push(JSON.parse(data));
  }

  close() {
    this.closed = true;
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  receive(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Let the server or the network close the connection. */
  end(closeCode = 1006) {
    this.closed = true;
    this.onclose?.({ code: closeCode });
  }

  sentOf(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** Records every WebSocket that is opened. `newest` is the last of them. */
export class FakeNetwork {
  webSockets = [];

  open = (after) => {
    this.webSockets.push(new FakeWebSocket(after));
    return this.newest;
  };

  get newest() {
    return this.webSockets.at(-1);
  }
}

export function line(seq, changes = {}) {
  return {
    seq,
    kind: "said",
    name: "bob",
    text: `text ${seq}`,
    at: "2025-05-05T12:00:00Z",
    client_id: null,
    guest: false,
    of: null,
    ...changes,
  };
}

export function lines(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => line(first + index));
}

/** The frame `welcome` for alice, at line `seq`, with these lines. */
export function welcome(seq, someLines = [], changes = {}) {
  return {
    type: "welcome",
    room: "Lobby",
    you: "alice",
    seq,
    people: [],
    lines: someLines,
    reset: false,
    ...changes,
  };
}

/** A run of people who entered and left, as it stands in `skipped`. */
export const run = (first, last, entered, left) => [first, last, entered, left];

export function fakeStoredValue() {
  let stored = "null";
  return {
    read: () => JSON.parse(stored),
    write: (value) => {
      stored = JSON.stringify(value);
    },
  };
}

/** The summary of a room, as it stands in a welcome. */
export function summary(id, changes = {}) {
  return {
    id,
    slug: id === 1 ? "lobby" : `room-${id}`,
    name: id === 1 ? "Lobby" : `Room ${id}`,
    kind: "open",
    topic: "",
    last: 0,
    read: 0,
    unread: 0,
    mentions: 0,
    level: "all",
    role: "member",
    archived: false,
    guests: false,
    people: [],
    ...changes,
  };
}

/** The frame `opened` for a room, at line `seq`, with these lines. */
export function opened(room, seq, someLines = [], changes = {}) {
  return { type: "opened", room, seq, lines: someLines, people: [], reset: false, ...changes };
}
