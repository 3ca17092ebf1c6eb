// Changes of earlier messages by lines of the log: `edited`, `removed`, `restored` and `reacted`.

import { withoutMarks } from "./formatting.js";

const MOST_KNOWN = 5_000; // changes that are remembered, so that an older one undoes none of them
const MOST_RECENT = 500; // changes that a page of history may lack, which was on its way meanwhile
const QUOTED = 100; // characters of a message that an answer quotes

const EFFECTS = {
  edited: (message, { text, spans, at }) =>
    // The line has the present text: none, if the message was removed later.
    text || message.files ? { ...message, text, spans, edited: at } : withoutContent(message),
  removed: withoutContent,
  restored: (message, { text, spans, files, reactions, seq }) => ({
    ...message,
    ...{ text, spans, files, reactions },
    removed: undefined,
    asOf: seq, // earlier reactions are in it
  }),
  reacted: (message, { name, text }) => ({
    ...message,
    reactions: withReaction(message.reactions, name, text),
  }),
};

export const isChange = ({ kind }) => Object.hasOwn(EFFECTS, kind);

/** Applies changes to messages, in whatever order these are loaded. */
export class MessageChanges {
  #newest = new Map(); // the number of the newest change, by the message and what it changes
  #recent = [];

  /** Remember a change that has just happened. */
  note(change) {
    this.#recent.push(change);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent.splice(0, MOST_RECENT);
  }

  /**
   * Return a message, or the answer to one, after a change; the same object if nothing changes.
   * `asOf` of a message is the number of the line up to which it has all changes.
   */
  apply(message, change) {
    const key = keyOf(change);
    const isOld = change.seq <= (message.asOf ?? 0) || change.seq < (this.#newest.get(key) ?? 0);
    return isOld ? message : affected(message, change);
  }

  /** Note that a change has been applied wherever it belongs. */
  applied(change) {
    const key = keyOf(change);
    const newest = Math.max(change.seq, this.#newest.get(key) ?? 0);
    this.#newest.delete(key); // the oldest keys stand first
    this.#newest.set(key, newest);
    if (this.#newest.size > MOST_KNOWN) this.#newest.delete(this.#newest.keys().next().value);
  }

  /**
   * Return a message that was just loaded, after the changes that happened meanwhile. Those that it
   * has already change nothing, because they come again in their order.
   */
  refreshed(message) {
    return this.#recent.reduce(affected, message);
  }
}

/** The beginning of a text on one line, as an answer quotes it. */
export function firstWords(text) {
  return [...text.replace(/\s+/g, " ").trim()].slice(0, QUOTED).join("");
}

export function withoutContent(message) {
  const none = { spans: undefined, files: undefined, reactions: undefined };
  return { ...message, ...none, text: "", removed: true };
}

function affected(message, change) {
  if (message.seq === change.of) return EFFECTS[change.kind](message, change);
  const isAnswer = message.kind === "said" && message.of === change.of && message.quote;
  if (!isAnswer || change.kind === "reacted") return message;
  const text = firstWords(withoutMarks(change));
  const removed = text ? undefined : true;
  return { ...message, quote: { ...message.quote, text, removed } };
}

function keyOf({ kind, of, name, text }) {
  return kind === "reacted" ? `${of} ${text.replace(/^-/, "")} ${name}` : String(of);
}

/** The reactions after one was given, or taken back: then `text` has a minus before the emoji. */
function withReaction(reactions = {}, name, text) {
  const emoji = text.replace(/^-/, "");
  const names = (reactions[emoji] ?? []).filter((one) => one !== name);
  const isGiven = emoji === text;
  if (isGiven && reactions[emoji]?.includes(name)) return reactions;
  const { [emoji]: _, ...others } = reactions;
  if (isGiven) return { ...reactions, [emoji]: [...names, name] };
  if (names.length) return { ...reactions, [emoji]: names };
  return Object.keys(others).length ? others : undefined;
}
