import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Berlin";
const { dayOf, itemsOf, summaryOf } = await import("../../static/chat/items.js");
const { createTimes, untilMidnight } = await import("../../static/chat/times.js");
const { line } = await import("./fakes.mjs");

const types = (items) => items.map(({ type }) => type);
const told = (pieces) => pieces.map((piece) => piece.name ?? piece).join("");
const entered = (name, seq = 1) => line(seq, { kind: "entered", name });
const left = (name, seq = 1) => line(seq, { kind: "left", name });

test("messages of one person in a row are one group", () => {
  const items = itemsOf(
    [
      line(1),
      line(2, { at: "2025-05-05T12:04:00Z" }),
      line(3, { at: "2025-05-05T12:20:00Z" }),
      line(4, { at: "2025-05-05T12:20:10Z", name: "carol" }),
      line(5, { at: "2025-05-05T12:20:20Z", name: "carol", guest: true }),
    ],
    [],
    "alice",
  );

  assert.deepEqual(items.slice(1).map(({ continued }) => continued), [false, true, false, false, false]);
});

test("a new day has a divider, by the reader's own midnight", () => {
  const items = itemsOf(
    [line(1, { at: "2025-05-05T21:59:00Z" }), line(2, { at: "2025-05-05T22:01:00Z" })],
    [],
    "alice",
  );

  assert.deepEqual(types(items), ["day", "said", "day", "said"]);
  assert.equal(dayOf("2025-05-05T22:01:00Z"), "2025-05-06");
});

test("a day that is over does not return, whatever a sender's clock says", () => {
  const pending = { client_id: "x", text: "hi", at: "2025-05-04T10:00:00Z", state: "sending" };
  const items = itemsOf(
    [line(1, { at: "2025-05-05T10:00:00Z" }), line(2, { at: "2025-05-04T23:59:00+02:00" })],
    [pending],
    "alice",
  );

  assert.deepEqual(types(items), ["day", "said", "said", "said"]);
  assert.equal(new Set(items.map(({ key }) => key)).size, items.length);
});

test("a few comings and goings are shown one by one, many as one", () => {
  const three = itemsOf([entered("ann", 1), entered("bob", 2), left("ann", 3)], [], "alice");
  assert.deepEqual(three.slice(1).map(({ pieces }) => told(pieces)), ["ann entered", "bob entered", "ann left"]);

  const four = itemsOf(["ann", "bob", "carol", "dave"].map((name, seq) => entered(name, seq)), [], "alice");
  assert.deepEqual(four.slice(1).map(({ pieces }) => told(pieces)), ["ann, bob and 2 others entered"]);
});

test("a removal in between does not break a group or a run", () => {
  const items = itemsOf([line(1), line(2, { kind: "removed", of: 1 }), line(3)], [], "alice");

  assert.deepEqual(types(items), ["day", "said", "said"]);
  assert.equal(items[2].continued, true);
});

for (const [run, sentence] of [
  [[entered("ann"), entered("bob")], "ann and bob entered"],
  [[entered("ann"), entered("bob"), entered("carol")], "ann, bob and carol entered"],
  [["a", "b", "c", "d", "e"].map((name) => entered(name)), "a, b and 3 others entered"],
  [[entered("ann"), left("bob")], "ann entered; bob left"],
  [[entered("ann"), left("ann")], "ann came and went"],
  [[left("ann"), entered("ann")], "ann came back"],
]) {
  test(`a run in words: ${sentence}`, () => assert.equal(told(summaryOf(run)), sentence));
}

test("what I say is mine; a guest of my name is not me", () => {
  const items = itemsOf([line(1, { name: "alice" }), line(2, { name: "alice", guest: true })], [], "alice");

  assert.deepEqual(items.slice(1).map(({ own }) => own), [true, false]);
});

test("a message keeps its key while it is sent and becomes a line", () => {
  const at = "2025-05-05T12:00:00Z";
  const before = itemsOf([], [{ client_id: "x", text: "hi", at, state: "sending" }], "alice");
  const after = itemsOf([line(1, { name: "alice", client_id: "x" })], [], "alice");

  assert.deepEqual(before.map(({ key }) => key), after.map(({ key }) => key));
});

test("days have names while they are near", () => {
  const now = () => Date.parse("2025-05-05T12:00:00Z");
  const times = createTimes("en-GB", now);

  assert.equal(times.day("2025-05-05T01:00:00Z"), "Today");
  assert.equal(times.day("2025-05-04T10:00:00Z"), "Yesterday");
  assert.match(times.day("2025-05-01T10:00:00Z"), /^Thursday,? 1 May$/);
  assert.match(times.day("2024-05-01T10:00:00Z"), /^Wednesday,? 1 May 2024$/);
  assert.equal(times.time("2025-05-05T12:03:00Z"), "14:03");
});

test("the next midnight is the reader's, also on days with fewer and more hours", () => {
  const hours = (at) => untilMidnight(Date.parse(at)) / 3_600_000;

  assert.equal(hours("2025-05-05T21:00:00Z"), 1);
  assert.equal(hours("2025-03-30T00:00:00+01:00"), 23);
  assert.equal(hours("2025-10-26T00:00:00+02:00"), 25);
});
