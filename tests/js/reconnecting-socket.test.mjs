import assert from "node:assert/strict";
import { test } from "node:test";

import { ReconnectingSocket } from "../../static/chat/core/reconnecting-socket.js";
import { ManualClock, FakeNetwork, welcome } from "./fakes.mjs";

function connect({ welcomed = true, random = () => 1, onFrame = () => {} } = {}) {
  const clock = new ManualClock();
  const network = new FakeNetwork();
  const states = [];
  const socket = new ReconnectingSocket({
    open: network.open,
    clock,
    random,
    lastSeq: () => 7,
    onFrame: () => onFrame(),
    onChange: ({ name }) => states.push(name),
  });
  socket.connect();
  if (welcomed) network.newest.receive(welcome(7));
  return { clock, network, socket, states };
}

test("it is connected once the welcome has come", () => {
  const { network, socket } = connect({ welcomed: false });
  assert.equal(socket.state.name, "connecting");
  network.newest.receive(welcome(7));
  assert.equal(socket.state.name, "connected");
});

test("after a steady connection it reconnects soon, and after each failure later", () => {
  const { clock, network, socket } = connect();
  clock.pass(10_000);
  const waits = [];
  for (let failure = 0; failure < 9; failure++) {
    network.newest.end();
    waits.push(socket.state.until - clock.now());
    clock.pass(waits.at(-1));
  }

  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("it gives up waiting for a welcome", () => {
  const { clock, network, socket } = connect({ welcomed: false });
  clock.pass(15_000);

  assert.equal(network.webSockets[0].closed, true);
  assert.equal(socket.state.name, "waiting");
});

test("it waits longer for each welcome that does not come, until one comes", () => {
  const { clock, network, socket } = connect({ welcomed: false });
  const timeout = () => {
    const begun = clock.now();
    while (socket.state.name === "connecting") clock.pass(1_000);
    const waited = clock.now() - begun;
    clock.pass(socket.state.until - clock.now());
    return waited / 1_000;
  };
  assert.deepEqual([1, 2, 3, 4, 5].map(timeout), [15, 30, 60, 120, 120]);

  network.newest.receive(welcome(7));
  network.newest.end();
  clock.pass(socket.state.until - clock.now());
  assert.equal(timeout(), 15);
});

for (const [code, bye, end] of [
  [1000, "logout", "left"],
  [4401, null, "signed_out"],
  [4401, "sign_in", "signed_out"],
  [4403, null, "removed"],
  [4406, null, "banned"],
  [1006, "removed", "removed"],
  [4409, null, "replaced"],
  [1006, "replaced", "replaced"],
]) {
  test(`closed with ${code} after the goodbye ${bye}, it stays ${end} until connect() is called`, () => {
    const { clock, network, socket } = connect();
    if (bye) network.newest.receive({ type: "bye", code: bye, retry_in: null });
    network.newest.end(code);
    socket.retryNow();
    clock.pass(600_000);
    assert.equal(socket.state.name, end);
    assert.equal(network.webSockets.length, 1);

    socket.connect();
    network.newest.receive(welcome(7));
    assert.equal(socket.connected, true);
  });
}

for (const [code, number] of Object.entries({ restart: 4012, slow: 4008 })) {
  test(`after ${code} it reconnects when the server said`, () => {
    const { clock, network, socket } = connect({ random: () => 0 });
    network.newest.receive({ type: "bye", code, retry_in: 4 });
    network.newest.end(number);

    assert.equal(socket.state.until - clock.now(), 4000);
  });
}

test("it returns to a full server after a long pause, which retryNow() does not shorten", () => {
  const { clock, network, socket } = connect();
  network.newest.end(4029);
  socket.retryNow();

  assert.equal(socket.state.reason, "too_many");
  assert.ok(socket.state.until - clock.now() >= 30_000);
});

test("an attempt keeps the reason of the pause before it, and the first attempt has none", () => {
  const { clock, network, socket } = connect({ welcomed: false });
  assert.equal(socket.state.reason, undefined);
  const lostAt = clock.now();
  for (let failure = 0; failure < 2; failure++) {
    network.newest.end(4029);
    clock.pass(socket.state.until - clock.now());
    assert.deepEqual(socket.state, { name: "connecting", reason: "too_many", lostAt });
  }
  network.newest.receive(welcome(7));
  assert.equal(socket.state.reason, undefined);
});

test("a new network replaces an attempt that has lasted, but not one that has just begun", () => {
  const { clock, network, socket } = connect();
  network.newest.end(1006);
  clock.pass(socket.state.until - clock.now());
  assert.equal(network.webSockets.length, 2);
  socket.retryNow();
  assert.equal(network.webSockets.length, 2);

  clock.pass(2_000);
  socket.retryNow();
  assert.equal(network.webSockets.length, 3);
  assert.equal(socket.state.name, "connecting");
});

test("during a planned restart retryNow() does not wait until the server expects it", () => {
  const { network, socket } = connect();
  network.newest.receive({ type: "bye", code: "restart", retry_in: 7 });
  network.newest.end(4012);
  socket.retryNow();

  assert.equal(network.webSockets.length, 2);
});

test("after a goodbye it does not wait for the close for ever", () => {
  const { clock, network, socket } = connect();
  network.newest.receive({ type: "bye", code: "removed", retry_in: null });
  clock.pass(3_000);

  assert.equal(socket.state.name, "removed");
});

test("a slow reader reconnects soon", () => {
  const { clock, network, socket } = connect();
  network.newest.end(4008);

  assert.ok(socket.state.until - clock.now() <= 1_000);
});

test("leaving tells the server and ends the connection at once", () => {
  const { clock, network, socket } = connect();
  const webSocket = network.newest;
  socket.leave();
  assert.deepEqual(webSocket.sent, [{ type: "logout" }]);
  assert.equal(socket.state.name, "left");

  clock.pass(3_000);
  assert.equal(webSocket.closed, true);
  assert.equal(network.webSockets.length, 1);
});

test("leaving while the connection opens tells the server as soon as it is open", () => {
  const { clock, network, socket } = connect({ welcomed: false });
  const webSocket = network.newest;
  webSocket.readyState = webSocket.CONNECTING;
  socket.leave();
  assert.deepEqual([webSocket.sent, webSocket.closed], [[], false]);
  assert.equal(socket.state.name, "left");

  webSocket.open();
  assert.deepEqual(webSocket.sent, [{ type: "logout" }]);
  webSocket.receive(welcome(7));
  assert.equal(socket.state.name, "left");
  clock.pass(3_000);
  assert.equal(webSocket.closed, true);
});

test("a user who returns at once is not replaced by the connection on which they left", () => {
  const { network, socket } = connect({ welcomed: false });
  network.newest.readyState = network.newest.CONNECTING;
  socket.leave();
  socket.connect();
  assert.deepEqual(
    network.webSockets.map(({ closed }) => closed),
    [true, false],
  );
});

test("retryNow() ends the pause", () => {
  const { network, socket } = connect();
  network.newest.end();
  socket.retryNow();

  assert.equal(network.webSockets.length, 2);
});

test("nothing is received from a connection that was given up", () => {
  const { network, socket, states } = connect();
  const [old] = network.webSockets;
  socket.reconnect();
  old.receive(welcome(9));
  old.end(4403);

  assert.deepEqual(states, ["connecting", "connected", "waiting"]);
});

test("after a long silence it pings the server, and reconnects without an answer", () => {
  const { clock, network, socket } = connect({ random: () => 0 });
  clock.pass(29_000);
  assert.deepEqual(network.newest.sent, []);

  clock.pass(1_000);
  assert.deepEqual(network.newest.sent, [{ type: "look" }]);
  clock.pass(9_000);
  assert.equal(socket.connected, true);
  clock.pass(1_000);
  assert.equal(socket.connected, false);
});

test("pings are spread, because all members heard the same last line", () => {
  const { clock, network } = connect({ random: () => 0.5 });
  clock.pass(37_000);
  assert.deepEqual(network.newest.sent, []);

  clock.pass(1_000);
  assert.deepEqual(network.newest.sent, [{ type: "look" }]);
});

test("any frame counts as a sign of life", () => {
  const { clock, network, socket } = connect({ random: () => 0 });
  for (let minute = 0; minute < 5; minute++) {
    clock.pass(30_000);
    assert.equal(network.newest.sent.length, minute + 1);
    clock.pass(9_000);
    network.newest.receive({ type: "lines", lines: [] });
  }

  assert.equal(socket.connected, true);
});

test("a connection that is given up while a frame is handled stays given up", () => {
  const { clock, network, socket } = connect({ welcomed: false, onFrame: () => socket.reconnect() });
  network.newest.receive(welcome(7));
  assert.equal(socket.state.name, "waiting");

  clock.pass(1_000);
  assert.equal(network.webSockets.length, 2);
});

test("checkAlive() pings after a long silence, also when the clock was set back", () => {
  for (const shift of [31_000, -31_000]) {
    const { clock, network, socket } = connect();
    socket.checkAlive();
    assert.deepEqual(network.newest.sent, []);

    clock.time += shift; // no timer ran meanwhile
    socket.checkAlive();
    assert.deepEqual(network.newest.sent, [{ type: "look" }]);
    clock.pass(10_000);
    assert.equal(socket.connected, false);
  }
});

test("frames after a goodbye do not delay the end", () => {
  const { clock, network, socket } = connect();
  network.newest.receive({ type: "bye", code: "removed", retry_in: null });
  network.newest.receive({ type: "lines", lines: [] });
  clock.pass(3_000);

  assert.equal(socket.state.name, "removed");
});

test("a frame that is not JSON ends the connection without an error", () => {
  const { network, socket } = connect();
  network.newest.onmessage({ data: "{" });

  assert.equal(socket.state.name, "waiting");
});

test("a ban is kept with its end and its reason, and nothing is tried again", () => {
  const { clock, network, socket } = connect();
  const until = "2026-11-30T14:05:00Z";
  network.newest.receive({ type: "bye", code: "banned", retry_in: null, until, reason: "spam" });
  network.newest.end(4406);
  clock.pass(3_600_000);

  assert.deepEqual(socket.state, { name: "banned", endsAt: until, why: "spam" });
  assert.equal(network.webSockets.length, 1);
});
