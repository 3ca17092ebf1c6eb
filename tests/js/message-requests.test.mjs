import assert from "node:assert/strict";
import { test } from "node:test";

import { MessageRequests } from "../../static/chat/core/message-requests.js";
import { ANSWER_TIMEOUT } from "../../static/chat/core/timing.js";
import { line, ManualClock } from "./fakes.mjs";

function begin() {
  const clock = new ManualClock();
  const sent = [];
  const socket = { connected: true, send: (frame) => sent.push(frame), reconnect: () => sent.push("reconnect") };
  const requests = new MessageRequests({ socket, clock });
  const answers = [];
  const ask = (frame) => void requests.send(frame).then((problem) => answers.push([frame.type, problem]));
  return { clock, sent, socket, requests, answers, ask };
}

const settled = () => new Promise((done) => setImmediate(done));
const EDIT = { type: "edit", room: 7, seq: 3, text: "new" };

test("the line that a request makes answers it", async () => {
  const { sent, requests, answers, ask, clock } = begin();
  ask(EDIT);
  ask({ type: "react", room: null, seq: 3, emoji: "👍", on: false });
  assert.deepEqual(sent, [EDIT, { type: "react", seq: 3, emoji: "👍", on: false }]);
  assert.equal(requests.isWaiting(7, 3), true);

  requests.took(7, [line(8, { kind: "edited", of: 3, name: "alice" })], "alice");
  requests.took(null, [line(9, { kind: "reacted", of: 3, name: "alice", text: "-👍" })], "alice");
  await settled();
  assert.deepEqual(answers, [["edit", ""], ["react", ""]]);
  assert.deepEqual([requests.isBusy, requests.isWaiting(7, 3)], [false, false]);
  clock.pass(ANSWER_TIMEOUT);
  assert.equal(sent.length, 2);
});

test("lines about other messages, rooms, people and reactions answer nothing", async () => {
  const { requests, answers, ask } = begin();
  ask(EDIT);
  ask({ type: "react", room: 7, seq: 3, emoji: "👍", on: true });
  for (const [room, changes] of [
    [7, { kind: "edited", of: 4 }],
    [8, { kind: "edited", of: 3 }],
    [7, { kind: "edited", of: 3, name: "bob" }],
    [7, { kind: "edited", of: 3, guest: true }],
    [7, { kind: "removed", of: 3 }],
    [7, { kind: "reacted", of: 3, text: "-👍" }],
    [7, { kind: "reacted", of: 3, text: "🎉" }],
  ]) {
    requests.took(room, [line(8, { name: "alice", ...changes })], "alice");
  }
  await settled();
  assert.deepEqual(answers, []);
});

test("a request that changes nothing is done, and one that is refused has the reason", async () => {
  const { requests, answers, ask } = begin();
  ask(EDIT);
  ask({ ...EDIT, seq: 4 });
  assert.equal(requests.answered({ type: "error", answer: "edit", room: 7, seq: 4, text: "Too late." }), true);
  assert.equal(requests.answered({ type: "done", answer: "edit", room: 7, seq: 3 }), true);
  assert.equal(requests.answered({ type: "done", answer: "edit", room: 7, seq: 3 }), false);
  await settled();
  assert.deepEqual(answers, [["edit", "Too late."], ["edit", ""]]);
});

test("an error that names no message refuses the first request of its type", async () => {
  const { requests, answers, ask } = begin();
  ask({ type: "remove", room: 7, seq: 3 });
  ask(EDIT);
  requests.answered({ type: "error", answer: "edit", room: 7, text: "It is too long." });
  await settled();
  assert.deepEqual(answers, [["edit", "It is too long."]]);
});

test("a request that could not be done now is repeated after a pause", async () => {
  const { sent, requests, answers, ask, clock } = begin();
  ask(EDIT);
  requests.answered({ type: "error", code: "try_again", answer: "edit", room: 7, seq: 3, text: "Later." });
  clock.pass(1_000);
  assert.deepEqual(sent, [EDIT, EDIT]);
  requests.answered({ type: "done", answer: "edit", room: 7, seq: 3 });
  await settled();
  assert.deepEqual(answers, [["edit", ""]]);
});

test("another form of an emoji is the same reaction", async () => {
  const { requests, answers, ask } = begin();
  ask({ type: "react", room: 7, seq: 3, emoji: "❤️", on: true });
  requests.took(7, [line(8, { kind: "reacted", of: 3, name: "alice", text: "❤" })], "alice");
  await settled();
  assert.deepEqual(answers, [["react", ""]]);
});

test("what has no answer is sent again over the next connection", async () => {
  const { sent, socket, requests, answers, ask, clock } = begin();
  ask(EDIT);
  socket.connected = false;
  requests.disconnected();
  clock.pass(ANSWER_TIMEOUT);
  ask({ type: "remove", room: 7, seq: 5 });
  assert.deepEqual(sent, [EDIT]);

  socket.connected = true;
  requests.took(7, [line(8, { kind: "edited", of: 3, name: "alice" })], "alice");
  requests.resume();
  assert.deepEqual(sent.slice(1), [{ type: "remove", room: 7, seq: 5 }]);
  await settled();
  assert.deepEqual(answers, [["edit", ""]]);
});

test("a server that does not answer loses the connection, unless it said that it takes longer", () => {
  const { sent, requests, ask, clock } = begin();
  ask(EDIT);
  requests.waitLonger(5);
  clock.pass(ANSWER_TIMEOUT + 4_999);
  assert.deepEqual(sent, [EDIT]);
  clock.pass(1);
  assert.deepEqual(sent, [EDIT, "reconnect"]);
});
