import assert from "node:assert/strict";
import { test } from "node:test";

import { LoadedLog } from "../../static/chat/core/loaded-log.js";
import { line, lines, run } from "./fakes.mjs";

const seqs = (log) => log.lines.filter(({ kind }) => kind !== "gap").map(({ seq }) => seq);
const names = (log) => log.people.map(({ name }) => name);

/** Return what is loaded as a string: "(1-4) 5 6 {7-9: +2 -1}" has a gap, two lines and a run. */
function shape(log) {
  return log.lines
    .map(({ kind, seq, last, entered, left }) => {
      if (kind === "gap") return `(${seq}-${last})`;
      return kind === "run" ? `{${seq}-${last}: +${entered} -${left}}` : seq;
    })
    .join(" ");
}

function logOf(first, last) {
  const log = new LoadedLog();
  log.replace({ seq: last, lines: lines(first, last) });
  return log;
}

const prepend = (log, before, someLines, more) => log.fill({ before }, { lines: someLines, more });

test("a line that is loaded already is skipped", () => {
  const log = logOf(5, 8);
  const { added, complete } = log.append(lines(7, 10));

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9, 10]);
  assert.deepEqual(added.map(({ seq }) => seq), [9, 10]);
  assert.equal(complete, true);
});

test("lines after a missing line are not appended", () => {
  const log = logOf(5, 8);
  const { added, complete } = log.append([line(9), line(11)]);

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9]);
  assert.equal(added.length, 1);
  assert.equal(complete, false);
});

test("older lines are inserted at the start until the first line is loaded", () => {
  const log = logOf(5, 8);
  assert.equal(log.hasOlder, true);
  prepend(log, 5, lines(1, 4), false);

  assert.deepEqual(seqs(log), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(log.hasOlder, false);
});

test("a log that begins later than line 1 is loaded with its oldest line", () => {
  const log = logOf(305, 308);
  assert.equal(log.hasOlder, true);
  prepend(log, 305, lines(300, 304), false);
  assert.equal(log.hasOlder, false);
  assert.equal(log.lines[0].seq, 300);

  const whole = logOf(300, 308); // the welcome had all of it
  assert.equal(prepend(whole, 300, [], false), true);
  assert.equal(whole.hasOlder, false);
  assert.equal(whole.lines[0].seq, 300);
});

test("a gap whose first lines were deleted is closed by the lines that follow", () => {
  const log = logOf(1, 100);
  log.continueAt({ seq: 400, lines: lines(391, 400) });
  log.fill({ after: 100 }, { lines: lines(300, 349), more: true });
  assert.deepEqual(
    log.lines.filter(({ kind }) => kind === "gap").map(({ seq, last }) => [seq, last]),
    [[350, 390]],
  );
  log.fill({ after: 349 }, { lines: lines(350, 399), more: true });
  assert.equal(log.lines.some(({ kind }) => kind === "gap"), false);

  log.continueAt({ seq: 900, lines: [] });
  log.fill({ after: 400 }, { lines: [], more: false }); // everything was deleted
  assert.equal(log.lines.some(({ kind }) => kind === "gap"), false);
});

test("older lines that do not join the loaded ones are ignored", () => {
  const log = logOf(50, 52);
  assert.equal(prepend(log, 60, lines(1, 4), true), false);

  assert.deepEqual(seqs(log), [50, 51, 52]);
  assert.equal(log.hasOlder, true);
});

test("large line numbers need no large arrays", () => {
  const log = logOf(1_000_000_001, 1_000_000_003);
  log.append([line(1_000_000_004, { kind: "removed", of: 1_000_000_002 })]);

  assert.equal(log.lines[2].removed, true);
});

test("a removed message loses its text, whether it was loaded before or after its removal", () => {
  const log = logOf(5, 8);
  log.append([line(9, { kind: "removed", of: 6 }), line(10, { kind: "removed", of: 3 })]);
  prepend(log, 5, lines(1, 4), false); // asked for before line 3 was removed

  assert.deepEqual(
    log.lines.filter(({ removed }) => removed).map(({ seq, text }) => [seq, text]),
    [[3, ""], [6, ""]],
  );
});

test("entering and leaving change the list of people from the line that the server named", () => {
  const log = logOf(1, 2);
  log.setPeople([{ name: "alice", guest: false }, { name: "bob", guest: true }], 2);
  log.append([
    line(3, { kind: "entered", name: "carol" }),
    line(4, { kind: "left", name: "bob", of: 1 }),
  ]);
  assert.deepEqual(names(log), ["alice", "carol"]);

  // The list is complete up to line 3, so that line 4 is applied to it.
  log.setPeople([{ name: "alice", guest: false }], 3);
  assert.deepEqual(names(log), ["alice"]);
});

test("the end of an earlier visit does not end a later one", () => {
  const log = logOf(1, 2);
  log.setPeople([], 2);
  log.append([line(3, { kind: "entered", name: "bob" }), line(4, { kind: "left", name: "bob", of: 1 })]);
  assert.deepEqual(names(log), ["bob"]);

  log.append([line(5, { kind: "left", name: "bob", of: 3 })]);
  assert.deepEqual(names(log), []);
});

test("starting over drops all earlier lines, also when the new numbers are smaller", () => {
  const log = logOf(500, 510);
  log.replace({ seq: 3, lines: lines(1, 3) });

  assert.deepEqual(seqs(log), [1, 2, 3]);
  assert.equal(log.last, 3);
  assert.equal(log.hasOlder, false);
});

test("lines that were dropped to save memory can be loaded again", () => {
  const log = logOf(1, 100);
  log.keepOnly(91, Infinity);
  assert.equal(log.lines.length, 11);
  assert.deepEqual([log.hasOlder, log.hasNewer], [true, false]);

  prepend(log, 91, lines(41, 90), true);
  log.keepOnly(0, 50);
  assert.equal(shape(log), "(1-40) 41 42 43 44 45 46 47 48 49 50 (51-100)");
  assert.deepEqual([log.hasOlder, log.hasNewer], [true, true]);

  log.fill({ after: 50 }, { lines: lines(51, 99), more: true });
  assert.equal(log.lines.at(-1).seq, 100);
  log.fill({ after: 99 }, { lines: lines(100, 100), more: false });
  assert.equal(log.hasNewer, false);
});

test("while the end of the log is not loaded, new lines only lengthen the gap", () => {
  const log = logOf(1, 5);
  log.keepOnly(0, 3);
  log.setPeople([], 5);
  const { added, complete } = log.append([
    line(6),
    line(7, { kind: "removed", of: 2 }),
    line(8, { kind: "entered", name: "carol" }),
  ]);

  assert.equal(shape(log), "1 2 3 (4-8)");
  assert.deepEqual([added.length, complete, log.last], [3, true, 8]);
  assert.equal(log.lines[1].removed, true);
  assert.deepEqual(names(log), ["carol"]);
});

test("a gap before the newest lines is filled from both sides", () => {
  const log = logOf(1, 3);
  log.continueAt({ seq: 20, lines: lines(19, 20), skipped: [] });
  assert.equal(shape(log), "1 2 3 (4-18) 19 20");

  log.fill({ after: 3 }, { lines: lines(4, 5), more: true });
  log.fill({ before: 19 }, { lines: [line(18)], skipped: [run(10, 17, 5, 3)], more: true });
  assert.equal(shape(log), "1 2 3 4 5 (6-9) {10-17: +5 -3} 18 19 20");

  log.fill({ before: 10 }, { lines: lines(3, 9), more: true });
  assert.equal(shape(log), "1 2 3 4 5 6 7 8 9 {10-17: +5 -3} 18 19 20");
});

test("the end of the log can be loaded again while it grows", () => {
  const log = logOf(1, 10);
  log.keepOnly(0, 2);
  log.append([line(11)]); // after the request for what is before 11
  log.fill({ before: 11 }, { lines: lines(9, 10), more: true });
  assert.equal(shape(log), "1 2 (3-8) 9 10 (11-11)");

  log.fill({ before: 12 }, { lines: lines(10, 11), more: true });
  assert.equal(shape(log), "1 2 (3-8) 9 10 11");
  log.append([line(12)]);
  assert.equal(log.lines.at(-1).seq, 12);
});

test("people are not counted twice in a run that reaches over the edge of a gap", () => {
  const log = logOf(1, 2);
  log.append([line(3, { kind: "entered" }), line(4, { kind: "left" })]);
  log.continueAt({ seq: 600, lines: [line(600)], skipped: [run(3, 599, 300, 297)] });
  assert.equal(shape(log), "1 2 3 4 {5-599: +299 -296} 600");
  log.continueAt({ seq: 602, lines: lines(598, 602), skipped: [] });
  assert.equal(shape(log), "1 2 3 4 {5-599: +299 -296} 600 601 602");
});

test("a welcome without the newest lines leaves one gap", () => {
  const log = logOf(1, 3);
  log.continueAt({ seq: 9, lines: [] });
  log.continueAt({ seq: 12, lines: [line(12)] });

  assert.equal(shape(log), "1 2 3 (4-11) 12");
});

test("an answer without lines or more of them shows that nothing is there", () => {
  const log = logOf(5, 6);
  assert.equal(log.fill({ before: 5 }, { lines: [], more: true }), false);
  assert.equal(shape(log), "(1-4) 5 6");
  assert.equal(log.fill({ before: 5 }, { lines: [], more: false }), true);
  assert.equal(shape(log), "5 6");
});

test("people who enter and leave for hours are counted, and the latest are named", () => {
  const log = logOf(1, 1);
  log.setPeople([], 1);
  for (let seq = 2; seq <= 5_001; seq += 1) {
    log.append([line(seq, { kind: seq % 2 ? "left" : "entered", name: `p${seq % 7}` })]);
  }
  assert.ok(log.lines.length < 250, String(log.lines.length));
  const [, counted, ...latest] = log.lines;
  assert.equal(counted.kind, "run");
  assert.equal(counted.entered + counted.left + latest.length, 5_000);
  assert.equal(latest[0].seq, counted.last + 1);

  log.setPeople([], 5_000); // the list of the server may come after later lines
  assert.deepEqual(names(log), []);
});

test("an empty room has no older lines", () => {
  const log = new LoadedLog();
  assert.equal(log.hasOlder, false);
  log.replace({ seq: 0, lines: [] });
  assert.equal(log.hasOlder, false);
  assert.equal(log.append([line(1)]).complete, true);
});
