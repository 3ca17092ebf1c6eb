// The loaded parts of the room's log, and the people who are here according to it.

import { isChange, MessageChanges } from "./message-changes.js";

const MOST_PASSING = 200; // lines of people who entered or left, without a message between them
const KEPT_PASSING = 100; // then the earlier ones are only counted
const PEOPLE_LINES = 500; // that are kept to bring the server's list of people up to date

/**
 * `lines` covers the log up to its last line, in order. What is not loaded is a gap: {kind: "gap",
 * seq, last}. People who entered and left without being named are a run: {kind: "run", seq, last,
 * entered, left}.
 */
export class LoadedLog {
  lines = [];
  last = null; // the number of the newest line; null before the first welcome
  people = [];
  fills = 0; // how often a part of the history was loaded
  #peopleSeq = 0; // the line up to which `people` is complete
  #peopleLines = [];
  #changes = new MessageChanges();

  get hasOlder() {
    return this.lines.length > 0 && isGap(this.lines[0]);
  }

  /** Whether the end of the log is not loaded. */
  get hasNewer() {
    return this.lines.length > 1 && isGap(this.lines.at(-1));
  }

  /** Start over with the lines of a welcome. */
  replace(welcome) {
    this.lines = [];
    this.last = 0;
    this.fills += 1;
    this.continueAt(welcome);
  }

  /** Continue with the lines of a welcome. The gap before them can be loaded later. */
  continueAt({ seq, lines, skipped }) {
    const end = this.lines.at(-1);
    if (isGap(end)) end.last = seq;
    else if (seq > this.last) this.lines.push(gapOf(this.last + 1, seq));
    this.last = seq;
    this.fill({ before: seq + 1 }, { lines, skipped });
  }

  /**
   * Append the next lines and return those that were added. Lines that came already are skipped.
   * Appending stops before a missing line; then `complete` is false. Where the end of the log is
   * not loaded, the lines lengthen the gap.
   */
  append(lines) {
    const added = [];
    for (const line of lines) {
      if (line.seq > this.last + 1) return { added, complete: false };
      if (line.seq <= this.last) continue;
      if (this.hasNewer) this.lines.at(-1).last = line.seq;
      else this.lines.push(line);
      this.last = line.seq;
      this.#apply(line);
      added.push(line);
    }
    this.#shortenPassing();
    return { added, complete: true };
  }

  /**
   * Put the answer to a request for history ({before} or {after}: a number) into the gap that it
   * belongs to. Return whether that shortened the gap.
   */
  fill({ before, after }, { lines, skipped = [], more = true }) {
    const seq = before ? before - 1 : after + 1;
    const index = this.lines.findIndex((one) => isGap(one) && one.seq <= seq && seq <= one.last);
    const gap = this.lines[index];
    const all = [...lines, ...skipped.map(runOf)].sort((one, other) => one.seq - other.seq);
    if (!gap || (!all.length && more)) return false;
    const begin = more ? Math.max(gap.seq, all[0]?.seq ?? seq) : gap.seq;
    const first = before ? begin : seq; // lines after `after` that are not in the answer were deleted
    const last = before ? seq : Math.min(gap.last, endOf(all.at(-1) ?? gap));
    const loaded = all.filter((one) => endOf(one) >= gap.seq && one.seq <= gap.last);
    this.lines.splice(
      index,
      1,
      ...(gap.seq < first ? [gapOf(gap.seq, first - 1)] : []),
      ...loaded.map((one) => this.#loaded(gap, one)),
      ...(last < gap.last ? [gapOf(last + 1, gap.last)] : []),
    );
    for (const one of loaded) if (isChange(one)) this.#change(one);
    this.fills += 1;
    return true;
  }

  /** The line with a number, if it is loaded. */
  get(seq) {
    return this.lines.find((one) => one.seq === seq && !isGap(one));
  }

  /** Whether a line is in the log, but not loaded. */
  lacks(seq) {
    return this.lines.some((one) => isGap(one) && one.seq <= seq && seq <= one.last);
  }

  /** Drop the lines before and after these numbers, to save memory. They can be loaded again. */
  keepOnly(first, last) {
    const kept = this.lines.filter((one) => one.seq >= first && endOf(one) <= last);
    const begin = this.lines[0].seq;
    if (!kept.length) return;
    if (isGap(kept[0])) kept[0].seq = begin;
    else if (kept[0] !== this.lines[0]) kept.unshift(gapOf(begin, kept[0].seq - 1));
    const end = kept.at(-1);
    if (isGap(end)) end.last = this.last;
    else if (end !== this.lines.at(-1)) kept.push(gapOf(endOf(end) + 1, this.last));
    this.lines = kept;
  }

  /** Take over the server's list of the people who are here at line `seq`. */
  setPeople(people, seq) {
    this.people = people.map(({ name, guest }) => ({ name, guest }));
    this.#peopleSeq = seq;
    for (const line of this.#peopleLines) if (line.seq > seq) this.#updatePeople(line);
  }

  #apply(line) {
    if (isChange(line)) {
      this.#changes.note(line);
      this.#change(line);
    }
    if (!isPassing(line)) return;
    this.#peopleLines.push(line);
    if (this.#peopleLines.length > 2 * PEOPLE_LINES) this.#peopleLines.splice(0, PEOPLE_LINES);
    if (line.seq > this.#peopleSeq) this.#updatePeople(line);
  }

  /** Apply a change to its message, and to the answers that quote it. */
  #change(change) {
    const { lines } = this;
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      const { kind, seq, of } = lines[index];
      if (kind === "said" && (seq === change.of || of === change.of)) {
        lines[index] = this.#changes.apply(lines[index], change);
      }
      if (seq <= change.of) break;
    }
    this.#changes.applied(change);
  }

  /** A line or run of an answer, as it belongs into the gap. */
  #loaded(gap, one) {
    if (one.kind === "said") return this.#changes.refreshed({ ...one, asOf: this.last });
    return this.#within(gap, one);
  }

  /** Count people who entered and left long ago, instead of keeping a line for each. */
  #shortenPassing() {
    const begin = this.lines.findLastIndex((line) => !isPassing(line)) + 1;
    const many = this.lines.length - begin;
    if (many <= MOST_PASSING) return;
    const first = this.lines[begin - 1]?.kind === "run" ? begin - 1 : begin;
    const old = this.lines.slice(first, -KEPT_PASSING);
    const run = { kind: "run", seq: old[0].seq, last: endOf(old.at(-1)), ...countsOf(old) };
    this.lines.splice(first, old.length, run);
  }

  /** The part of a line or run that lies in the gap. A run also counts lines beside the gap. */
  #within(gap, one) {
    if (one.seq >= gap.seq && endOf(one) <= gap.last) return one;
    const isCounted = (held) => held.seq >= one.seq && endOf(held) <= one.last;
    const { entered, left } = countsOf(this.lines.filter(isCounted));
    return {
      ...one,
      seq: Math.max(one.seq, gap.seq),
      last: Math.min(one.last, gap.last),
      entered: Math.max(0, one.entered - entered),
      left: Math.max(0, one.left - left),
    };
  }

  #updatePeople({ kind, name, guest, seq, of }) {
    if (kind === "entered") {
      const others = this.people.filter((person) => person.name !== name);
      this.people = [...others, { name, guest, enteredSeq: seq }];
    } else {
      // A line `left` names the line `entered` that it ends. It may be that of an earlier visit.
      const isEnded = (person) => person.name === name && (person.enteredSeq ?? of) === of;
      this.people = this.people.filter((person) => !isEnded(person));
    }
  }
}

/** Count the people who entered and left in these lines and runs: {entered, left}. */
export function countsOf(lines) {
  const count = (kind) =>
    lines.reduce((sum, line) => sum + (line[kind] ?? Number(line.kind === kind)), 0);
  return { entered: count("entered"), left: count("left") };
}

const gapOf = (seq, last) => ({ kind: "gap", seq, last });
const runOf = ([seq, last, entered, left]) => ({ kind: "run", seq, last, entered, left });
const endOf = ({ seq, last }) => last ?? seq;
const isGap = (one) => one?.kind === "gap";
const isPassing = ({ kind }) => kind === "entered" || kind === "left";
