import assert from "node:assert/strict";
import { test } from "node:test";

import { lastOwn, offeredFor } from "../../static/chat/extras/message-rules.js";
import { line, summary } from "./fakes.mjs";

const offered = (changes, { isStaff = false, ...room } = {}) => {
  const all = offeredFor(line(3, changes), { you: "alice", room: summary(2, room), isStaff });
  return Object.keys(all).filter((name) => all[name]);
};
const OTHERS = ["reply", "react", "copy", "report"];

test("one's own messages can be edited and removed, and those of others answered", () => {
  assert.deepEqual(offered({ name: "alice" }), ["reply", "react", "edit", "remove", "copy"]);
  assert.deepEqual(offered({ name: "bob" }), OTHERS);
  assert.deepEqual(offered({ name: "alice", guest: true }), OTHERS);
});

test("moderators and staff may remove any message, and edit their own", () => {
  for (const rights of [{ moderate: ["purge"] }, { isStaff: true }]) {
    assert.deepEqual(offered({ name: "bob" }, rights), ["reply", "react", "remove", "copy", "report"]);
  }
});

test("in an archived room nothing is changed, and with a removed message nothing is done", () => {
  assert.deepEqual(offered({ name: "alice" }, { archived: true, role: "owner" }), ["copy"]);
  assert.deepEqual(offered({ name: "alice", removed: true }), []);
  assert.deepEqual(offered({ kind: "notice" }), []);
});

test("the earlier versions of a message are shown to its author", () => {
  const edited = "2026-01-02T12:40:00Z";
  const own = ["reply", "react", "edit", "remove", "copy", "versions"];
  assert.deepEqual(offered({ name: "alice", edited }), own);
  assert.deepEqual(offered({ name: "bob", edited }, { isStaff: true }), ["reply", "react", "remove", "copy", "report"]);
});

test("a message can be edited for so many minutes as the site allows", () => {
  const own = line(3, { name: "alice" });
  const now = Date.parse(own.at) + 10 * 60_000;
  const mayEdit = (editMinutes, later = 0) =>
    offeredFor(own, { you: "alice", room: summary(2), editMinutes, now: now + later }).edit;
  assert.deepEqual([mayEdit(0), mayEdit(10), mayEdit(10, 1), mayEdit(9)], [true, true, false, false]);
});

test("the last own message is the newest that was not removed", () => {
  const lines = [
    line(1, { name: "alice" }),
    line(2, { name: "alice" }),
    line(3, { name: "alice", removed: true }),
    line(4, { name: "alice", guest: true }),
    line(5),
    line(6, { name: "alice", kind: "edited", of: 1 }),
  ];
  assert.equal(lastOwn(lines, "alice").seq, 2);
  assert.equal(lastOwn(lines, "dave"), undefined);
});
