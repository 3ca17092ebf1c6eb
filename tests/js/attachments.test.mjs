import assert from "node:assert/strict";
import { test } from "node:test";

import { Attachments } from "../../static/chat/core/attachments.js";

const file = (name, size = 10) => ({ name, size });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Attachments whose files are sent by the test: `sending` are the requests, by name. */
function start({ mostBytes = 100 } = {}) {
  const sending = new Map();
  const changes = { count: 0 };
  const attachments = new Attachments({
    mostBytes,
    onChange: () => (changes.count += 1),
    send: ({ name }, onProgress) => {
      const request = { onProgress, cancelled: false };
      request.done = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
      sending.set(name, request);
      return { done: request.done, cancel: () => (request.cancelled = true) };
    },
  });
  const finish = async (name) => {
    sending.get(name).resolve({ id: `id-${name}` });
    sending.delete(name);
    await settled();
  };
  const fail = async (name, error = new Error("lost")) => {
    sending.get(name).reject(error);
    sending.delete(name);
    await settled();
  };
  const states = () => attachments.items.map((item) => `${item.file.name} ${item.state}`);
  return { attachments, sending, changes, finish, fail, states };
}

test("two files are sent at a time, in their order", async () => {
  const { attachments, sending, finish, states } = start();
  assert.equal(attachments.add([file("a"), file("b"), file("c")]), "");
  assert.deepEqual([...sending.keys()], ["a", "b"]);
  await finish("b");
  assert.deepEqual(states(), ["a sending", "b done", "c sending"]);
  assert.ok(attachments.isPending);
  await finish("a");
  await finish("c");
  assert.ok(!attachments.isPending);
  assert.deepEqual(attachments.take(), ["a", "b", "c"].map((name) => ({ id: `id-${name}` })));
  assert.deepEqual(attachments.items, []);
});

test("progress is told", () => {
  const { attachments, sending, changes } = start();
  attachments.add([file("a")]);
  const before = changes.count;
  sending.get("a").onProgress(0.5);
  assert.equal(attachments.items[0].progress, 0.5);
  assert.ok(changes.count > before);
});

test("a file that failed can be sent again", async () => {
  const { attachments, sending, finish, fail, states } = start();
  attachments.add([file("a")]);
  await fail("a");
  assert.deepEqual([states(), attachments.items[0].problem], [["a failed"], "lost"]);
  assert.ok(attachments.hasFailed && !attachments.isPending);
  attachments.retry(attachments.items[0].key);
  assert.deepEqual([...sending.keys()], ["a"]);
  await finish("a");
  assert.deepEqual(states(), ["a done"]);
});

test("a file that the server does not accept is not sent again", async () => {
  const { attachments, sending, fail, states } = start();
  attachments.add([file("a")]);
  await fail("a", Object.assign(new Error("damaged"), { canRetry: false }));
  attachments.retry(attachments.items[0].key);
  assert.deepEqual([states(), sending.size], [["a failed"], 0]);
});

test("files that are empty or too large are not sent", () => {
  const { attachments, sending } = start({ mostBytes: 1 << 20 });
  attachments.add([file("empty", 0), file("large", (1 << 20) + 1), file("good", 1 << 20)]);
  const problems = attachments.items.map(({ problem }) => problem);
  assert.deepEqual(problems, ["This file is empty.", "This is too large (1 MB at most).", ""]);
  assert.deepEqual([...sending.keys()], ["good"]);
});

test("removing a file cancels it and makes way for the next", async () => {
  const { attachments, sending, fail, states } = start();
  attachments.add([file("a"), file("b"), file("c")]);
  const request = sending.get("a");
  attachments.remove(attachments.items[0].key);
  assert.ok(request.cancelled);
  await fail("a");
  assert.deepEqual(states(), ["b sending", "c sending"]);
});

test("a message has at most ten files", () => {
  const { attachments } = start();
  const names = Array.from({ length: 12 }, (_, index) => file(`file-${index}`));
  assert.match(attachments.add(names), /at most 10/);
  assert.equal(attachments.items.length, 10);
});

test("files of a message that was not sent can be taken back", () => {
  const { attachments, states } = start();
  attachments.putBack([{ id: "x", name: "a", size: 1 }]);
  assert.deepEqual(states(), ["a done"]);
  assert.deepEqual(attachments.take(), [{ id: "x", name: "a", size: 1 }]);
});
