// The items of the message list: lines of the log become day dividers, messages, notices, and
// sentences about the people who entered and left and about what was changed in the room.

import { dayOf } from "./dates.js";
import { isAction } from "./formatting.js";
import { countsOf } from "./loaded-log.js";
import { isYou } from "./people.js";
import { eventPieces } from "./room-events.js";

const GROUP_TIME = 5 * 60_000; // from the first message of a group to its last
const SHOWN_SINGLY = 3; // a longer run of people who enter and leave is summarised
const MOST_LINES = 20; // of one message, until the reader asks for all
const WIDEST_LINE = 100; // characters
const NAMES_LISTED = 3; // a longer list of names ends with "and 5 others"

/**
 * The items in order. An item's `key` stays the same while the item does. The messages with the
 * keys in `heads` are the first of a group: no group on the page changes when older lines come.
 * The line "New" stands before the first message of others after the line `newAfter`.
 * `namesIn(line)` are the names by which a message means the user, and `more(line)` what else
 * belongs to its item.
 */
export function listItems(lines, unsent, you, options = {}) {
  const { heads = new Set(), newAfter = null, namesIn = () => [], more = () => ({}) } = options;
  const builder = new ItemsBuilder(heads);
  const isOwn = (line) => isYou(line, you);
  const isNew = ({ kind, seq, ...line }) => kind === "said" && seq > newAfter && !isOwn(line) && !line.ignored;
  const firstNew = newAfter === null ? null : lines.find(isNew);
  for (const line of lines) {
    if (line.ignored || isRunOfChanges(line)) continue;
    if (line === firstNew) builder.addNew();
    if (line.kind === "entered" || line.kind === "left" || line.kind === "run") {
      builder.addPresence(line);
    } else if (line.kind === "gap") {
      builder.addGap(line, { isFirst: line === lines[0], isLast: line === lines.at(-1) });
    } else if (line.kind === "said") {
      const own = isOwn(line);
      const key = own && line.client_id ? line.client_id : keyOf(line);
      builder.addMessage({ key, line, own, mentions: own ? [] : namesIn(line), ...more(line) });
    } else if (line.kind === "notice") {
      builder.addNotice(line);
    } else {
      builder.addEvent(line, eventPieces(line));
    }
  }
  for (const { client_id: id, text, at, files, state, note, final, reply = null, quote } of unsent) {
    const about = { kind: "said", name: you ?? "", guest: false, of: reply, quote };
    const line = { ...about, text, at, files };
    builder.addMessage({ key: id, id, line, own: true, state, note, final });
  }
  return builder.finish();
}

/** Whether a run has only lines that changed messages, which ends no group. */
const isRunOfChanges = ({ kind, entered, left }) => kind === "run" && !entered && !left;

class ItemsBuilder {
  #items = [];
  #day = null;
  #run = []; // lines of people who entered or left, one after the other
  #head = null; // the line of the first message of the group that the next one may join
  #heads;

  constructor(heads) {
    this.#heads = heads;
  }

  addPresence(line) {
    if (line.at) this.#startDay(line.at);
    this.#run.push(line);
    this.#head = null;
  }

  addMessage(item) {
    this.#startDay(item.line.at);
    this.#endRun();
    const begins = this.#heads.has(item.key) || isAction(item.line); // nothing looks like a notice
    const continued = !begins && isSameGroup(this.#head, item.line);
    this.#items.push({ type: "message", ...item, continued });
    if (!continued) this.#head = item.line;
  }

  /** `place` says what a gap holds: the `older` or the `newer` messages, or those `between`. */
  addGap({ seq, last }, { isFirst, isLast }) {
    this.#endRun();
    const place = isFirst ? "older" : isLast ? "newer" : "between";
    this.#items.push({ type: "gap", key: `${place} ${isFirst || isLast ? "" : last}`, place, seq, last });
    this.#head = null;
  }

  addNotice(line) {
    this.#startDay(line.at);
    this.#endRun();
    this.#items.push({ type: "notice", key: keyOf(line), line });
    this.#head = null;
  }

  /** A sentence about a change of the room or of its members; an unknown kind of line has no pieces. */
  addEvent(line, pieces) {
    if (!pieces) return;
    this.#startDay(line.at);
    this.#endRun();
    this.#items.push({ type: "presence", key: keyOf(line), lines: [line], pieces });
    this.#head = null;
  }

  addNew() {
    this.#endRun();
    this.#items.push({ type: "new", key: "new" });
    this.#head = null;
  }

  finish() {
    this.#endRun();
    return this.#items;
  }

  #startDay(at) {
    const day = dayOf(at);
    // Clocks differ between servers and browsers: an earlier day does not start again.
    if (this.#day !== null && day <= this.#day) return;
    this.#endRun();
    this.#items.push({ type: "day", key: `day ${day}`, at });
    this.#day = day;
    this.#head = null;
  }

  #endRun() {
    this.#items.push(...presenceItems(this.#run));
    this.#run = [];
  }
}

/** Whether a text takes so many lines, on a wide screen, that the list shows its beginning only. */
export function isLongText(text) {
  const lines = text.split("\n").map(({ length }) => Math.max(1, Math.ceil(length / WIDEST_LINE)));
  return lines.reduce((sum, count) => sum + count, 0) > MOST_LINES;
}

/** The numbers of the first and the last line of an item, where it has any: {first, last}. */
export function seqsOf(item) {
  const lines = item.lines ?? [item.line ?? item];
  return { first: lines[0].seq, last: lines.at(-1).last ?? lines.at(-1).seq };
}

const keyOf = (line) => `line ${line.seq}`;

function isSameGroup(head, line) {
  return (
    head !== null &&
    head.name === line.name &&
    head.guest === line.guest &&
    Math.abs(new Date(line.at) - new Date(head.at)) <= GROUP_TIME
  );
}

function presenceItems(run) {
  const hasCounts = run.some(({ kind }) => kind === "run");
  if (hasCounts || run.length > SHOWN_SINGLY) {
    const pieces = summarisePresence(run);
    if (!pieces.length) return [];
    return [{ type: "presence", key: `run ${run[0].seq}`, lines: run, pieces }];
  }
  return run.map((line) => ({
    type: "presence",
    key: keyOf(line),
    lines: [line],
    pieces: [{ name: line.name }, ` ${line.kind}`],
  }));
}

/**
 * "12 people came and went; ann, bob and carol entered; dave left", as a list of strings and names
 * ({name}). Only the people of runs are counted, because their names are not known.
 */
export function summarisePresence(lines) {
  const runs = lines.filter(({ kind }) => kind === "run");
  const namesByVerb = { entered: [], left: [], "came and went": [], "came back": [] };
  for (const [name, kinds] of kindsByName(lines)) namesByVerb[verbFor(kinds)].push(name);
  const named = Object.entries(namesByVerb).filter(([, names]) => names.length);
  const parts = [
    ...countsByVerb(countsOf(runs)).map(([verb, count]) => [`${people(count)} ${verb}`]),
    ...named.map(([verb, names]) => [...joinNames(names), ` ${verb}`]),
  ];
  return parts.flatMap((part, index) => (index ? ["; ", ...part] : part));
}

function countsByVerb({ entered, left }) {
  const both = Math.min(entered, left);
  const counts = { "came and went": both, entered: entered - both, left: left - both };
  return Object.entries(counts).filter(([, count]) => count);
}

const people = (count) => (count === 1 ? "1 person" : `${count.toLocaleString()} people`);

function kindsByName(lines) {
  const kinds = new Map();
  for (const { name, kind } of lines) if (name) kinds.set(name, [...(kinds.get(name) ?? []), kind]);
  return kinds;
}

function verbFor(kinds) {
  if (kinds[0] === kinds.at(-1)) return kinds[0];
  return kinds[0] === "entered" ? "came and went" : "came back";
}

function joinNames(names) {
  const isLong = names.length > NAMES_LISTED;
  const listed = (isLong ? names.slice(0, 2) : names).map((name) => ({ name }));
  if (isLong) listed.push(`${names.length - 2} others`);
  return listed.flatMap((piece, index) => {
    if (index === 0) return [piece];
    return [index === listed.length - 1 ? " and " : ", ", piece];
  });
}
