import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft } from "../../static/chat/core/draft.js";
import { fakeStoredValue } from "./fakes.mjs";

const MESSAGE = { seq: 3, name: "bob", text: "hello" };

test("a draft survives a reload, with the message that it answers", () => {
  const stored = fakeStoredValue();
  const draft = new Draft(stored);
  draft.text = "well";
  draft.startReply(MESSAGE);

  const again = new Draft(stored);
  assert.deepEqual([again.text, again.reply, again.edit], ["well", MESSAGE, null]);
});

test("editing keeps what was begun, and leaving returns to it", () => {
  const stored = fakeStoredValue();
  const draft = new Draft(stored);
  draft.text = "begun";
  draft.startReply({ ...MESSAGE, seq: 2 });
  draft.startEdit(MESSAGE);
  assert.deepEqual([draft.text, draft.reply], ["hello", null]);
  draft.text = "hello there";

  const again = new Draft(stored);
  assert.deepEqual(again.edit, { ...MESSAGE, text: "hello there", before: "hello", words: "hello" });
  again.leave();
  assert.deepEqual([again.text, again.reply.seq, again.edit], ["begun", 2, null]);
  again.leave();
  assert.deepEqual([again.text, again.reply], ["begun", null]);
});

test("answering ends editing", () => {
  const draft = new Draft(fakeStoredValue());
  draft.startEdit(MESSAGE);
  draft.startReply({ ...MESSAGE, seq: 9 });
  assert.deepEqual([draft.text, draft.edit, draft.reply.seq], ["", null, 9]);
});

test("an empty draft is not kept", () => {
  const stored = fakeStoredValue();
  const draft = new Draft(stored);
  draft.text = "x";
  draft.startReply(MESSAGE);
  draft.clear();
  assert.equal(stored.read(), null);
  draft.text = "x";
  draft.text = "";
  assert.equal(stored.read(), null);
});

test("a draft that cannot be read is an empty one", () => {
  for (const value of ["text", 7, [], null]) {
    const draft = new Draft({ read: () => value, write() {} });
    assert.deepEqual([draft.text, draft.reply, draft.edit], ["", null, null]);
  }
});
