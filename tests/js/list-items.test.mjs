import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Berlin"; // before the module creates its first date
const { isLongText, listItems, seqsOf, summarisePresence } = await import("../../static/chat/core/list-items.js");
const { line } = await import("./fakes.mjs");

const listLines = (lines) => listItems(lines, [], "alice");
const types = (items) => items.map(({ type }) => type);
const sentences = (items) => items.map(({ pieces }) => joined(pieces));
const joined = (pieces) => pieces.map((piece) => piece.name ?? piece).join("");
const entered = (name, seq = 1) => line(seq, { kind: "entered", name });
const left = (name, seq = 1) => line(seq, { kind: "left", name });

test("consecutive messages of one person form a group", () => {
  const items = listItems(
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

  const continued = items.slice(1).map((item) => item.continued);
  assert.deepEqual(continued, [false, true, false, false, false]);
});

const minutes = (count) => new Date(Date.parse("2025-05-05T12:00:00Z") + count * 60_000);
const heads = (items) => items.filter(({ continued }) => continued === false).map(({ key }) => key);

test("a group spans five minutes at most, counted from its first message", () => {
  const everyFour = Array.from({ length: 12 }, (_, n) => line(n, { at: minutes(4 * n) }));
  assert.deepEqual(heads(listLines(everyFour)), [0, 2, 4, 6, 8, 10].map((seq) => `line ${seq}`));

  const close = [0, 5, 5.02].map((time, n) => line(n, { at: minutes(time) }));
  assert.deepEqual(heads(listLines(close)), ["line 0", "line 2"]);
});

test("the first message of a group stays it when older messages are loaded", () => {
  const all = Array.from({ length: 6 }, (_, n) => line(n, { at: minutes(2 * n) }));
  const before = heads(listLines(all.slice(2)));
  assert.deepEqual(before, ["line 2", "line 5"]);

  const after = listItems(all, [], "alice", { heads: new Set(before) });
  assert.deepEqual(heads(after), ["line 0", "line 2", "line 5"]);
});

test("an action begins a group, so that its author stands beside it", () => {
  const items = listLines([line(1), line(2, { text: "/me waves" }), line(3)]);
  assert.deepEqual(heads(items), ["line 1", "line 2"]);
});

test("a divider starts each day, at the reader's own midnight", () => {
  const items = listItems(
    [line(1, { at: "2025-05-05T21:59:00Z" }), line(2, { at: "2025-05-05T22:01:00Z" })],
    [],
    "alice",
  );

  assert.deepEqual(types(items), ["day", "message", "day", "message"]);
});

test("an earlier day does not start again, whatever a sender's clock says", () => {
  const unsent = { client_id: "x", text: "hi", at: "2025-05-04T10:00:00Z", state: "sending" };
  const items = listItems(
    [line(1, { at: "2025-05-05T10:00:00Z" }), line(2, { at: "2025-05-04T23:59:00+02:00" })],
    [unsent],
    "alice",
  );

  assert.deepEqual(types(items), ["day", "message", "message", "message"]);
  assert.equal(new Set(items.map(({ key }) => key)).size, items.length);
});

test("a few people who enter and leave are shown one by one, more are summarised", () => {
  const [, ...three] = listLines([entered("ann", 1), entered("bob", 2), left("ann", 3)]);
  assert.deepEqual(sentences(three), ["ann entered", "bob entered", "ann left"]);

  const [, ...four] = listLines(["ann", "bob", "carol", "dave"].map((name) => entered(name)));
  assert.deepEqual(sentences(four), ["ann, bob and 2 others entered"]);
});

test("a removal does not interrupt a group of messages", () => {
  const items = listLines([line(1), line(2, { kind: "removed", of: 1 }), line(3)]);

  assert.deepEqual(types(items), ["day", "message", "message"]);
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
  test(`people who enter and leave are summarised as: ${sentence}`, () => {
    assert.equal(joined(summarisePresence(run)), sentence);
  });
}

const counted = (entered, left, seq = 1) => ({ kind: "run", seq, last: seq + 9, entered, left });

for (const [run, sentence] of [
  [[counted(12, 12)], "12 people came and went"],
  [[counted(1, 1)], "1 person came and went"],
  [[counted(12, 10)], "10 people came and went; 2 people entered"],
  [[counted(0, 1)], "1 person left"],
  [[counted(900, 1), counted(134, 1, 11)], "2 people came and went; 1,032 people entered"],
  [[counted(3, 3), entered("ann", 11)], "3 people came and went; ann entered"],
  [[left("bob", 1), counted(3, 3, 2), entered("bob", 12)], "3 people came and went; bob came back"],
]) {
  test(`people whose names are not known are counted as: ${sentence}`, () => {
    assert.deepEqual(sentences(listLines([line(0), ...run]).slice(2)), [sentence]);
  });
}

test("a run of changes of messages ends no group", () => {
  const run = { kind: "run", seq: 2, last: 9, entered: 0, left: 0 };
  assert.deepEqual(heads(listLines([line(1), run, line(10)])), ["line 1"]);
  assert.deepEqual(heads(listLines([line(1), { ...run, left: 1 }, line(10)])), ["line 1", "line 10"]);
});

test("a run in which nobody entered or left is not shown", () => {
  assert.deepEqual(types(listLines([line(0), counted(0, 0)])), ["day", "message"]);
});

test("a gap is an item of its own, which says where it is", () => {
  const gap = (seq, last) => ({ kind: "gap", seq, last });
  const items = listLines([gap(1, 3), line(4), gap(5, 6), line(7), gap(8, 9)]);

  assert.deepEqual(types(items), ["gap", "day", "message", "gap", "message", "gap"]);
  const gaps = items.filter(({ type }) => type === "gap");
  assert.deepEqual(gaps.map(({ place }) => place), ["older", "between", "newer"]);
  assert.equal(items[4].continued, false);
});

test("an item knows the lines that it stands for", () => {
  const run = ["ann", "bob", "carol", "dave"].map((name, index) => entered(name, 3 + index));
  const unsent = { client_id: "x", text: "hi", at: "2025-05-05T12:00:00Z", state: "sending" };
  const [day, message, people, mine] = listItems([line(2), ...run], [unsent], "alice");

  assert.equal(seqsOf(day).first, undefined);
  assert.deepEqual(seqsOf(message), { first: 2, last: 2 });
  assert.deepEqual(seqsOf(people), { first: 3, last: 6 });
  assert.equal(seqsOf(mine).first, undefined);
});

test("a text of more than twenty lines is long, also where the lines are only wrapped", () => {
  assert.equal(isLongText(Array(20).fill("line").join("\n")), false);
  assert.equal(isLongText("\n".repeat(19)), false);
  assert.equal(isLongText(Array(21).fill("line").join("\n")), true);
  assert.equal(isLongText("x".repeat(2_000)), false);
  assert.equal(isLongText("x".repeat(2_001)), true);
  assert.equal(isLongText(`${"x".repeat(1_900)}\nand\nmore`), true);
});

test("a message is the user's own, unless a guest of the same name wrote it", () => {
  const items = listLines([line(1, { name: "alice" }), line(2, { name: "alice", guest: true })]);

  assert.deepEqual(items.slice(1).map(({ own }) => own), [true, false]);
});

test("a message keeps its key when it becomes a line of the log", () => {
  const at = "2025-05-05T12:00:00Z";
  const before = listItems([], [{ client_id: "x", text: "hi", at, state: "sending" }], "alice");
  const after = listItems([line(1, { name: "alice", client_id: "x" })], [], "alice");

  assert.deepEqual(before.map(({ key }) => key), after.map(({ key }) => key));
});

test("the line New stands before the first unread message of others", () => {
  const all = [line(1), line(2, { name: "alice" }), line(3), line(4)];
  const order = (newAfter) =>
    listItems(all, [], "alice", { newAfter })
      .filter(({ type }) => type !== "day")
      .map(({ key }) => key);

  assert.deepEqual(order(null), ["line 1", "line 2", "line 3", "line 4"]);
  assert.deepEqual(order(1), ["line 1", "line 2", "new", "line 3", "line 4"]);
  assert.deepEqual(order(4), ["line 1", "line 2", "line 3", "line 4"]);
  const items = listItems(all, [], "alice", { newAfter: 3 });
  assert.equal(items.at(-1).continued, false, "a group does not reach over the line");
});

test("a message that means the user is marked, but not one's own", () => {
  const all = [line(1, { text: "@alice" }), line(2, { text: "@alice", name: "alice" }), line(3)];
  const namesIn = ({ text }) => (text === "@alice" ? ["alice"] : []);
  const items = listItems(all, [], "alice", { namesIn });

  assert.deepEqual(items.slice(1).map(({ mentions }) => mentions), [["alice"], [], []]);
});

for (const [kind, text, sentence] of [
  ["created", "", "bob created this room"],
  ["joined", "", "bob joined"],
  ["joined", "carol", "carol invited bob"],
  ["parted", "", "bob left"],
  ["parted", "carol", "carol removed bob"],
  ["role", "owner", "bob is now an owner"],
  ["topic", "tea", "bob set the topic: tea"],
  ["topic", "", "bob removed the topic"],
  ["renamed", "Garden", "bob named the room Garden"],
  ["access", "private", "bob made this room private"],
  ["access", "guests", "bob made this room open, also for guests"],
  ["archived", "", "bob archived this room"],
  ["reopened", "", "bob opened this room again"],
]) {
  test(`the sentence for a line ${kind} with ${JSON.stringify(text)}`, () => {
    assert.deepEqual(sentences(listLines([line(1, { kind, text })]).slice(1)), [sentence]);
  });
}

test("messages of people whom the user ignores are not shown", () => {
  const said = (seq, more) => ({ seq, kind: "said", name: "bob", text: "x", at: "2026-01-01T10:00:00Z", ...more });
  const items = listItems([said(1), said(2, { ignored: true }), said(3)], [], "me", { newAfter: 1 });
  assert.deepEqual(
    items.filter(({ type }) => type === "message").map(({ line }) => line.seq),
    [1, 3],
  );
  assert.ok(items.findIndex(({ type }) => type === "new") < items.findIndex(({ line }) => line?.seq === 3));
});
