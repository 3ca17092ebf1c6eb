import assert from "node:assert/strict";
import { test } from "node:test";

import { Link } from "../../static/chat/link.js";
import { FakeClock, fakeNetwork, welcome } from "./fakes.mjs";

function begin({ connected = true, random = () => 1, hear = () => {} } = {}) {
  const clock = new FakeClock();
  const network = fakeNetwork();
  const states = [];
  const link = new Link({
    open: network.open,
    clock,
    random,
    after: () => 7,
    hear: () => hear(),
    changed: ({ name }) => states.push(name),
  });
  link.connect();
  if (connected) network.newest.hear(welcome(7));
  return { clock, network, link, states };
}

test("it is connected when it is welcome, not before", () => {
  const { network, link } = begin({ connected: false });
  assert.equal(link.state.name, "connecting");
  network.newest.hear(welcome(7));
  assert.equal(link.state.name, "connected");
});

test("a connection that was good is made anew at once, then ever more rarely", () => {
  const { clock, network, link } = begin();
  clock.pass(10_000);
  const waits = [];
  for (let failure = 0; failure < 9; failure++) {
    network.newest.end();
    waits.push(link.state.until - clock.now());
    clock.pass(waits.at(-1));
  }

  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("a welcome that does not come is not waited for", () => {
  const { clock, network, link } = begin({ connected: false });
  clock.pass(15_000);

  assert.equal(network.sockets[0].closed, true);
  assert.equal(link.state.name, "waiting");
});

test("over a slow line it waits ever longer for a welcome, until it had one", () => {
  const { clock, network, link } = begin({ connected: false });
  const patience = () => {
    const begun = clock.now();
    while (link.state.name === "connecting") clock.pass(1_000);
    const waited = clock.now() - begun;
    clock.pass(link.state.until - clock.now());
    return waited / 1_000;
  };
  assert.deepEqual([1, 2, 3, 4, 5].map(patience), [15, 30, 60, 120, 120]);

  network.newest.hear(welcome(7));
  network.newest.end();
  clock.pass(link.state.until - clock.now());
  assert.equal(patience(), 15);
});

for (const [code, bye, end] of [
  [1000, "logout", "left"],
  [4401, null, "signed_out"],
  [4401, "sign_in", "signed_out"],
  [4403, null, "removed"],
  [1006, "removed", "removed"],
]) {
  test(`closed with ${code} after the goodbye ${bye}, it is ${end} until it is asked to come back`, () => {
    const { clock, network, link } = begin();
    if (bye) network.newest.hear({ type: "bye", code: bye, retry_in: null });
    network.newest.end(code);
    link.hurry();
    clock.pass(600_000);
    assert.equal(link.state.name, end);
    assert.equal(link.over, true);
    assert.equal(network.sockets.length, 1);

    link.connect();
    network.newest.hear(welcome(7));
    assert.equal(link.connected, true);
  });
}

for (const [code, number] of Object.entries({ restart: 4012, slow: 4008 })) {
  test(`after ${code} it comes back when it was told to`, () => {
    const { clock, network, link } = begin({ random: () => 0 });
    network.newest.hear({ type: "bye", code, retry_in: 4 });
    network.newest.end(number);

    assert.equal(link.state.until - clock.now(), 4000);
  });
}

test("where there are too many it comes back slowly, and does not hurry", () => {
  const { clock, network, link } = begin();
  network.newest.end(4029);
  link.hurry();

  assert.equal(link.state.why, "too_many");
  assert.ok(link.state.until - clock.now() >= 30_000);
});

test("a try knows why there was a wait before it, the first one of none", () => {
  const { clock, network, link } = begin({ connected: false });
  assert.equal(link.state.why, undefined);
  for (let failure = 0; failure < 2; failure++) {
    network.newest.end(4029);
    clock.pass(link.state.until - clock.now());
    assert.deepEqual(link.state, { name: "connecting", why: "too_many" });
  }
  network.newest.hear(welcome(7));
  assert.equal(link.state.why, undefined);
});

test("a goodbye without a close is a close", () => {
  const { clock, network, link } = begin();
  network.newest.hear({ type: "bye", code: "removed", retry_in: null });
  clock.pass(3_000);

  assert.equal(link.state.name, "removed");
});

test("a slow reader comes back soon", () => {
  const { clock, network, link } = begin();
  network.newest.end(4008);

  assert.ok(link.state.until - clock.now() <= 1_000);
});

test("who leaves says so and is gone at once", () => {
  const { clock, network, link } = begin();
  const socket = network.newest;
  link.leave();
  assert.deepEqual(socket.sent, [{ type: "logout" }]);
  assert.equal(link.state.name, "left");

  clock.pass(3_000);
  assert.equal(socket.closed, true);
  assert.equal(network.sockets.length, 1);
});

test("when things look better it does not wait", () => {
  const { network, link } = begin();
  network.newest.end();
  link.hurry();

  assert.equal(network.sockets.length, 2);
});

test("a lost connection says nothing any more", () => {
  const { network, link, states } = begin();
  const [old] = network.sockets;
  link.lost();
  old.hear(welcome(9));
  old.end(4403);

  assert.deepEqual(states, ["connecting", "connected", "waiting"]);
});

test("after a long silence it asks for a sign of life, and gives up without one", () => {
  const { clock, network, link } = begin({ random: () => 0 });
  clock.pass(29_000);
  assert.deepEqual(network.newest.sent, []);

  clock.pass(1_000);
  assert.deepEqual(network.newest.sent, [{ type: "look" }]);
  clock.pass(9_000);
  assert.equal(link.connected, true);
  clock.pass(1_000);
  assert.equal(link.connected, false);
});

test("those who heard the same last line do not all ask at once", () => {
  const { clock, network } = begin({ random: () => 0.5 });
  clock.pass(37_000);
  assert.deepEqual(network.newest.sent, []);

  clock.pass(1_000);
  assert.deepEqual(network.newest.sent, [{ type: "look" }]);
});

test("any frame is a sign of life", () => {
  const { clock, network, link } = begin({ random: () => 0 });
  for (let minute = 0; minute < 5; minute++) {
    clock.pass(30_000);
    assert.equal(network.newest.sent.length, minute + 1);
    clock.pass(9_000);
    network.newest.hear({ type: "lines", lines: [] });
  }

  assert.equal(link.connected, true);
});

test("a link that is given up while it is heard stays given up", () => {
  const { clock, network, link } = begin({ connected: false, hear: () => link.lost() });
  network.newest.hear(welcome(7));
  assert.equal(link.state.name, "waiting");

  clock.pass(1_000);
  assert.equal(network.sockets.length, 2);
});

test("in sight again it asks at once, when it was silent for long by a clock that runs either way", () => {
  for (const shift of [31_000, -31_000]) {
    const { clock, network, link } = begin();
    link.probe();
    assert.deepEqual(network.newest.sent, []);

    clock.time += shift; // no timer ran meanwhile
    link.probe();
    assert.deepEqual(network.newest.sent, [{ type: "look" }]);
    clock.pass(10_000);
    assert.equal(link.connected, false);
  }
});

test("what is heard after a goodbye puts nothing off", () => {
  const { clock, network, link } = begin();
  network.newest.hear({ type: "bye", code: "removed", retry_in: null });
  network.newest.hear({ type: "lines", lines: [] });
  clock.pass(3_000);

  assert.equal(link.state.name, "removed");
});

test("what is no JSON ends the connection, not the page", () => {
  const { network, link } = begin();
  network.newest.onmessage({ data: "{" });

  assert.equal(link.state.name, "waiting");
});
