import assert from "node:assert/strict";
import { test } from "node:test";

import { choose, describeNotice, isWanted } from "../../static/chat/extras/notices.js";
import { line, summary } from "./fakes.mjs";

const direct = { kind: "direct", people: ["bob"] };
const mention = { text: "hi @alice" };

for (const [name, room, message, expected] of [
  ["a message where all are wanted", { level: "all" }, {}, true],
  ["a message where mentions are wanted", { level: "mentions" }, {}, false],
  ["a mention where mentions are wanted", { level: "mentions" }, mention, true],
  ["a mention where nothing is wanted", { level: "nothing" }, mention, false],
  ["a direct message", { ...direct, level: "mentions" }, {}, true],
  ["a direct message where nothing is wanted", { ...direct, level: "nothing" }, {}, false],
  ["one's own message", { level: "all" }, { name: "alice" }, false],
  ["somebody who enters", { level: "all" }, { kind: "entered" }, false],
]) {
  test(`${name} is ${expected ? "" : "not "}told`, () => {
    assert.equal(isWanted(summary(2, room), line(1, message), "alice"), expected);
  });
}

test("a mention is told rather than a later message, and else the newest one that is wanted", () => {
  const lines = [line(1, mention), line(2, mention), line(3), line(4, { name: "alice" })];
  assert.equal(choose(summary(2, { level: "all" }), lines, "alice").seq, 2);
  assert.equal(choose(summary(2, { level: "mentions" }), lines, "alice").seq, 2);
  assert.equal(choose(summary(2, { level: "all" }), lines.slice(2), "alice").seq, 3);
  assert.equal(choose(summary(2, { level: "mentions" }), lines.slice(2), "alice"), undefined);
});

test("a notification says who wrote where, and not too much", () => {
  assert.deepEqual(describeNotice(summary(2), line(1)), { title: "bob in Room 2", body: "text 1" });
  assert.equal(describeNotice(summary(2, direct), line(1)).title, "bob");
  assert.equal(describeNotice(summary(2), line(1, { text: "x".repeat(500) })).body.length, 141);
});
