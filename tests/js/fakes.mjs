// A clock that is moved by hand, a socket that remembers, and lines of a lobby.

export class FakeClock {
  time = 1_700_000_000_000;
  #timers = new Map();
  #ids = 0;

  now = () => this.time;

  later = (call, ms) => {
    this.#timers.set(++this.#ids, { call, at: this.time + ms });
    return this.#ids;
  };

  cancel = (id) => {
    this.#timers.delete(id);
  };

  /** Let time pass; what falls due happens in order. */
  pass(ms) {
    const end = this.time + ms;
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

export class FakeSocket {
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

  hear(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server, or the network, closes it. */
  end(code = 1006) {
    this.closed = true;
    this.onclose?.({ code });
  }

  sentOf(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** Every socket that was opened, the newest last. */
export function fakeNetwork() {
  const sockets = [];
  const open = (after) => {
    sockets.push(new FakeSocket(after));
    return sockets.at(-1);
  };
  return { sockets, open, get newest() { return sockets.at(-1); } };
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

export function welcome(seq, some = [], changes = {}) {
  return { type: "welcome", room: "Lobby", you: "alice", seq, people: [], lines: some, reset: false, ...changes };
}

export function fakeMemory() {
  let kept = "null";
  return {
    read: () => JSON.parse(kept),
    write: (value) => {
      kept = JSON.stringify(value);
    },
  };
}
