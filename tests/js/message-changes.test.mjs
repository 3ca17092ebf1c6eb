import assert from "node:assert/strict";
import { test } from "node:test";

import { LoadedLog } from "../../static/chat/core/loaded-log.js";
import { firstWords } from "../../static/chat/core/message-changes.js";
import { line, lines } from "./fakes.mjs";

const AT = "2025-05-05T13:00:00Z";
const SPANS = [[2, 1, "escape"], [3, 1, "italic"], [4, 1, "escape"]]; // of "a *b*"

function logOf(first, last) {
  const log = new LoadedLog();
  log.replace({ seq: last, lines: lines(first, last) });
  return log;
}

const edited = (seq, of, text, more = {}) => line(seq, { kind: "edited", of, text, at: AT, ...more });
const removed = (seq, of) => line(seq, { kind: "removed", of, text: "" });
const restored = (seq, of, text, more = {}) => line(seq, { kind: "restored", of, text, ...more });
const reacted = (seq, of, text, name = "bob") => line(seq, { kind: "reacted", of, text, name });
const answer = (seq, of, text) =>
  line(seq, { of, quote: { name: "bob", text: `text ${of}` }, text });

/** Lines of which all changes have happened before the log is loaded: their messages are final. */
const load = (log, part, someLines, more = true) => log.fill(part, { lines: someLines, more });

test("an edit gives a message its text, its formatting and the time", () => {
  const log = logOf(1, 3);
  log.append([edited(4, 2, "new *text*", { spans: [[4, 6, "italic"]] })]);

  const { text, spans, edited: at } = log.get(2);
  assert.deepEqual([text, spans, at], ["new *text*", [[4, 6, "italic"]], AT]);
  assert.equal(log.get(1).edited, undefined);
});

test("a removal takes the content, and undoing it brings it back", () => {
  const log = logOf(1, 3);
  log.append([reacted(4, 2, "👍"), removed(5, 2)]);
  assert.deepEqual([log.get(2).text, log.get(2).removed, log.get(2).reactions], ["", true, undefined]);

  log.append([restored(6, 2, "text 2", { reactions: { "👍": ["bob"] } })]);
  assert.deepEqual([log.get(2).text, log.get(2).removed], ["text 2", undefined]);
  assert.deepEqual(log.get(2).reactions, { "👍": ["bob"] });
});

test("an edit of a message that was removed later does not bring it back empty", () => {
  const log = logOf(1, 3);
  log.append([edited(4, 2, "")]);
  assert.equal(log.get(2).removed, true);
});

test("reactions are given and taken back, each person's once", () => {
  const log = logOf(1, 3);
  const reactions = () => log.get(2).reactions;
  log.append([reacted(4, 2, "👍"), reacted(5, 2, "👍", "ann"), reacted(6, 2, "🎉"), reacted(7, 2, "👍")]);
  assert.deepEqual(reactions(), { "👍": ["bob", "ann"], "🎉": ["bob"] });

  log.append([reacted(8, 2, "-👍"), reacted(9, 2, "-🎉"), reacted(10, 2, "-😂")]);
  assert.deepEqual(reactions(), { "👍": ["ann"] });
  log.append([reacted(11, 2, "-👍", "ann")]);
  assert.equal(reactions(), undefined);
});

test("an answer quotes the present state of its message", () => {
  const log = logOf(1, 3);
  log.append([answer(4, 2, "yes"), answer(5, 1, "no"), edited(6, 2, "new\n  text")]);
  assert.deepEqual(log.get(4).quote, { name: "bob", text: "new text", removed: undefined });
  assert.equal(log.get(4).text, "yes");
  assert.equal(log.get(5).quote.text, "text 1");

  log.append([removed(7, 2)]);
  assert.deepEqual(log.get(4).quote, { name: "bob", text: "", removed: true });
  log.append([restored(8, 2, "new\n  text"), reacted(9, 2, "👍")]);
  assert.deepEqual(log.get(4).quote, { name: "bob", text: "new text", removed: undefined });
});

test("an answer quotes its message without marks", () => {
  const log = logOf(1, 3);
  log.append([answer(4, 2, "yes"), edited(5, 2, "a *b*", { spans: SPANS })]);
  assert.equal(log.get(4).quote.text, "a b");
});

test("an answer without a quote stays without one", () => {
  const log = logOf(1, 3);
  log.append([line(4, { of: 2 }), edited(5, 2, "new")]);
  assert.equal(log.get(4).quote, undefined);
});

test("a page of history that was on its way gets the changes that came meanwhile", () => {
  const log = logOf(5, 8);
  log.append([edited(9, 3, "new"), reacted(10, 3, "👍"), removed(11, 4)]);
  load(log, { before: 5 }, lines(1, 4), false);

  assert.deepEqual([log.get(3).text, log.get(3).reactions], ["new", { "👍": ["bob"] }]);
  assert.equal(log.get(4).removed, true);
});

test("a page of history that has the changes already stays as it is", () => {
  const log = logOf(5, 8);
  log.append([reacted(9, 3, "👍"), reacted(10, 3, "-👍"), edited(11, 3, "old"), edited(12, 3, "new")]);
  load(log, { before: 5 }, [...lines(1, 2), line(3, { text: "new", edited: AT }), line(4)], false);

  assert.deepEqual([log.get(3).text, log.get(3).reactions ?? null], ["new", null]);
});

test("changes of long ago that are loaded with a message change nothing, since it has them", () => {
  const log = logOf(101, 110);
  const old = [line(1, { text: "final" }), reacted(2, 1, "👍"), edited(3, 1, "final")];
  load(log, { before: 101 }, old.slice(1), true);
  load(log, { before: 2 }, old.slice(0, 1), false);
  assert.deepEqual([log.get(1).text, log.get(1).reactions ?? null], ["final", null]);
});

test("what was missed while away is applied to what was loaded before, in whatever order it comes", () => {
  const log = logOf(1, 3);
  log.continueAt({ seq: 20, lines: [reacted(19, 2, "-👍"), edited(20, 3, "newest")] });
  assert.equal(log.get(3).text, "newest");

  load(log, { before: 19 }, [edited(17, 3, "newest"), reacted(18, 2, "👍", "ann")]);
  load(log, { after: 3 }, [reacted(4, 2, "👍"), removed(5, 1), restored(6, 1, "back")]);
  assert.deepEqual(log.get(2).reactions, { "👍": ["ann"] });
  assert.deepEqual([log.get(1).text, log.get(1).removed], ["back", undefined]);
});

test("a removal that is loaded after its undoing does not repeat it", () => {
  const log = logOf(1, 3);
  log.continueAt({ seq: 20, lines: [restored(20, 2, "back", { reactions: { "🎉": ["ann"] } })] });
  load(log, { before: 20 }, [removed(18, 2), reacted(19, 2, "-🎉", "ann")]);
  assert.deepEqual([log.get(2).text, log.get(2).reactions], ["back", { "🎉": ["ann"] }]);
});

test("messages whose lines are dropped and loaded again keep their state", () => {
  const log = logOf(1, 3);
  log.append([reacted(4, 2, "👍"), reacted(5, 2, "-👍"), ...lines(6, 20)]);
  log.keepOnly(0, 3);
  load(log, { after: 3 }, [reacted(4, 2, "👍"), reacted(5, 2, "-👍"), line(6)]);
  assert.equal(log.get(2).reactions, undefined);
});

test("thousands of reactions leave a bounded memory and the right state", () => {
  const log = logOf(1, 3);
  const many = Array.from({ length: 10_001 }, (_, index) =>
    reacted(4 + index, 2, `${index % 2 ? "-" : ""}👍`, "ann"),
  );
  log.append(many);
  assert.deepEqual(log.get(2).reactions, { "👍": ["ann"] });
});

test("the first words of a text are one line of at most a hundred characters", () => {
  assert.equal(firstWords("  one\n\ttwo  "), "one two");
  assert.equal([...firstWords("👍".repeat(200))].length, 100);
});
