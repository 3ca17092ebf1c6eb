import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/chat/core/outbox.js";
import { Sender } from "../../static/chat/core/sender.js";
import { fakeStoredValue, ManualClock } from "./fakes.mjs";

/** A sender with two messages in its outbox, the first of them in flight. */
function begin() {
  const clock = new ManualClock();
  const sent = [];
  const socket = {
    connected: true,
    reconnects: 0,
    send: ({ client_id: id }) => sent.push(id),
    reconnect: () => (socket.reconnects += 1),
  };
  const outbox = new Outbox(fakeStoredValue());
  const sender = new Sender({ outbox, socket, clock, random: () => 0.5 });
  for (const id of ["a", "b"]) outbox.add(id, `text ${id}`, "2025-05-05T12:00:00Z");
  sender.sendNext();
  return { clock, sent, socket, outbox, sender };
}

test("the files of a message are sent by their ids", () => {
  const { outbox } = begin();
  const sent = [];
  const socket = { connected: true, send: (frame) => sent.push(frame) };
  const files = [{ id: "x", name: "a.png" }, { id: "y", name: "b.pdf" }];
  for (const id of ["a", "b"]) outbox.drop(id);
  outbox.add("c", "", "2025-05-05T12:00:00Z", 3, { files });
  new Sender({ outbox, socket, clock: new ManualClock(), random: () => 0.5 }).sendNext();
  assert.deepEqual(sent, [{ type: "say", room: 3, text: "", client_id: "c", files: ["x", "y"] }]);
});

test("a message that the server holds is sent again only if its line does not come in time", () => {
  const { clock, sent, socket, sender } = begin();
  sender.held("a", 40);
  assert.equal(sender.delayCode, "too_fast");
  clock.pass(40_000); // longer than the page waits for an answer otherwise
  assert.deepEqual([sent, socket.reconnects], [["a"], 0]);

  clock.pass(1_000);
  assert.deepEqual(sent, ["a", "a"]);
  sender.saved("a");
  assert.deepEqual(sent, ["a", "a", "b"]);
});

test("the next message follows a held one as soon as that is saved", () => {
  const { clock, sent, outbox, sender } = begin();
  sender.held("a", 3);
  sender.saved("a");
  assert.deepEqual([sent, sender.delayCode], [["a", "b"], null]);

  sender.held("a", 3); // comes late
  assert.equal(sender.delayCode, null);
  sender.saved("b");
  clock.pass(20_000);
  assert.deepEqual([sent, outbox.messages], [["a", "b"], []]);
});

test("a message may be held several times", () => {
  const { clock, sent, sender } = begin();
  for (let time = 0; time < 5; time++) {
    sender.held("a", 9);
    clock.pass(9_000);
  }
  assert.deepEqual(sent, ["a"]);
});

test("a held message that never becomes a line leads to a new connection", () => {
  const { clock, sent, socket, sender } = begin();
  sender.held("a", 3);
  clock.pass(15_000);
  assert.deepEqual([sent, socket.reconnects], [["a", "a"], 1]);
});

test("the next message is sent while one waits for a moderator, which is not sent again", () => {
  const { clock, sent, socket, outbox, sender } = begin();
  sender.waits("a");
  assert.deepEqual(sent, ["a", "b"]);
  sender.saved("b");
  sender.disconnected();
  sender.sendNext();
  clock.pass(60_000);
  assert.deepEqual([sent, socket.reconnects], [["a", "b"], 0]);
  assert.ok(outbox.get("a").held);
  sender.saved("a"); // it was released
  assert.deepEqual(outbox.messages, []);
});
