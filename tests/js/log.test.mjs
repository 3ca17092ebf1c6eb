import assert from "node:assert/strict";
import { test } from "node:test";

import { Log } from "../../static/chat/log.js";
import { line, lines } from "./fakes.mjs";

const seqs = (log) => log.lines.map(({ seq }) => seq);
const names = (log) => log.people.map(({ name }) => name);

function logOf(first, last) {
  const log = new Log();
  log.replace(lines(first, last), last);
  return log;
}

test("a line that is here already is passed over", () => {
  const log = logOf(5, 8);
  const { fresh, gap } = log.extend(lines(7, 10));

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9, 10]);
  assert.deepEqual(fresh.map(({ seq }) => seq), [9, 10]);
  assert.equal(gap, false);
});

test("a missing line stops what comes after it", () => {
  const log = logOf(5, 8);
  const { fresh, gap } = log.extend([line(9), line(11)]);

  assert.deepEqual(seqs(log), [5, 6, 7, 8, 9]);
  assert.equal(fresh.length, 1);
  assert.equal(gap, true);
});

test("older lines go in front until the first is there", () => {
  const log = logOf(5, 8);
  assert.equal(log.more, true);
  log.prepend(lines(1, 4), false);

  assert.deepEqual(seqs(log), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(log.more, false);
});

test("an answer that does not fit any more changes nothing", () => {
  const log = logOf(50, 52);
  log.prepend(lines(1, 4), true);

  assert.deepEqual(seqs(log), [50, 51, 52]);
  assert.equal(log.more, true);
});

test("lines beyond the numbers of JavaScript's arrays cost nothing", () => {
  const log = logOf(1_000_000_001, 1_000_000_003);
  log.extend([line(1_000_000_004, { kind: "removed", of: 1_000_000_002 })]);

  assert.equal(log.lines[1].removed, true);
});

test("a removed message is a tombstone, however it came", () => {
  const log = logOf(5, 8);
  log.extend([line(9, { kind: "removed", of: 6 }), line(10, { kind: "removed", of: 3 })]);
  log.prepend(lines(1, 4), false); // asked for before line 3 was removed

  assert.deepEqual(
    log.lines.filter(({ removed }) => removed).map(({ seq, text }) => [seq, text]),
    [[3, ""], [6, ""]],
  );
});

test("who comes and goes changes who is here, from the point that the server named", () => {
  const log = logOf(1, 2);
  log.meet([{ name: "alice", guest: false }, { name: "bob", guest: true }], 2);
  log.extend([
    line(3, { kind: "entered", name: "carol" }),
    line(4, { kind: "left", name: "bob", of: 1 }),
  ]);
  assert.deepEqual(names(log), ["alice", "carol"]);

  log.meet([{ name: "alice", guest: false }], 3); // right at 3: the leaving at 4 is still to be told
  assert.deepEqual(names(log), ["alice"]);
});

test("the end of an earlier stay does not end this one", () => {
  const log = logOf(1, 2);
  log.meet([], 2);
  log.extend([line(3, { kind: "entered", name: "bob" }), line(4, { kind: "left", name: "bob", of: 1 })]);
  assert.deepEqual(names(log), ["bob"]);

  log.extend([line(5, { kind: "left", name: "bob", of: 3 })]);
  assert.deepEqual(names(log), []);
});

test("beginning anew leaves nothing of before, even when the numbers are smaller", () => {
  const log = logOf(500, 510);
  log.replace(lines(1, 3), 3);

  assert.deepEqual(seqs(log), [1, 2, 3]);
  assert.equal(log.last, 3);
  assert.equal(log.more, false);
});

test("what was forgotten can be loaded again", () => {
  const log = logOf(1, 100);
  log.forget(10);
  assert.deepEqual([log.first, log.more], [91, true]);

  log.prepend(lines(41, 90), true);
  assert.equal(log.first, 41);
});

test("an empty room has no more to load", () => {
  const log = new Log();
  assert.equal(log.more, false);
  log.replace([], 0);
  assert.equal(log.more, false);
  assert.deepEqual(log.extend([line(1)]).gap, false);
});
