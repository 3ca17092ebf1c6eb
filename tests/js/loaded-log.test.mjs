import assert from "node:assert/strict";
import { test } from "node:test";

import { LoadedLog } from "../../static/chat/core/loaded-log.js";
import { line, lines } from "./fakes.mjs";

const seqs = (log) => log.lines.map(({ seq }) => seq);
const names = (log) => log.people.map(({ name }) => name);

function logOf(first, last) {
  const log = new LoadedLog();
  log.replace(lines(first, last), last);
  return log;
}

test("a line that is loaded already is skipped", () => {
  const log = logOf(5, 8);
  const { added, gap } = log.append(lines(7, 10));

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9, 10]);
  assert.deepEqual(added.map(({ seq }) => seq), [9, 10]);
  assert.equal(gap, false);
});

test("lines after a missing line are not appended", () => {
  const log = logOf(5, 8);
  const { added, gap } = log.append([line(9), line(11)]);

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9]);
  assert.equal(added.length, 1);
  assert.equal(gap, true);
});

test("older lines are inserted at the start until the first line is loaded", () => {
  const log = logOf(5, 8);
  assert.equal(log.hasOlder, true);
  log.prepend(lines(1, 4), false);

  assert.deepEqual(seqs(log), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(log.hasOlder, false);
});

test("older lines that do not join the loaded ones are ignored", () => {
  const log = logOf(50, 52);
  log.prepend(lines(1, 4), true);

  assert.deepEqual(seqs(log), [50, 51, 52]);
  assert.equal(log.hasOlder, true);
});

test("large line numbers need no large arrays", () => {
  const log = logOf(1_000_000_001, 1_000_000_003);
  log.append([line(1_000_000_004, { kind: "removed", of: 1_000_000_002 })]);

  assert.equal(log.lines[1].removed, true);
});

test("a removed message loses its text, whether it was loaded before or after its removal", () => {
  const log = logOf(5, 8);
  log.append([line(9, { kind: "removed", of: 6 }), line(10, { kind: "removed", of: 3 })]);
  log.prepend(lines(1, 4), false); // asked for before line 3 was removed

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
  log.replace(lines(1, 3), 3);

  assert.deepEqual(seqs(log), [1, 2, 3]);
  assert.equal(log.last, 3);
  assert.equal(log.hasOlder, false);
});

test("lines that were dropped to save memory can be loaded again", () => {
  const log = logOf(1, 100);
  log.keepNewest(10);
  assert.deepEqual([log.first, log.hasOlder], [91, true]);

  log.prepend(lines(41, 90), true);
  assert.equal(log.first, 41);
});

test("an empty room has no older lines", () => {
  const log = new LoadedLog();
  assert.equal(log.hasOlder, false);
  log.replace([], 0);
  assert.equal(log.hasOlder, false);
  assert.deepEqual(log.append([line(1)]).gap, false);
});
