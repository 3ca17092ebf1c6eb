// The words that are completed while one writes: names after @, rooms after #, emoji after a colon,
// and commands after a slash at the beginning.

import { foundPeople } from "../core/people.js";
import { titleOf } from "../core/room-list.js";
import { findEmoji } from "./emoji-search.js";
import { commandsIn } from "./slash-commands.js";

const WORD = /(?:^|[\s(])([@#])([\p{L}\p{M}\p{N}_.+-]*)$/u;
const EMOJI = /(?:^|[\s(])(:)([\p{L}\p{N}_+-]{2,}):?$/u; // such as :) and :D are none
const COMMAND = /^(\/)(\p{L}*)$/u;
const ACTION = { usage: "/me TEXT" }; // is said, and shown as an action
const MOST_CHOICES = 8;

/** The word before the caret: {sign, typed, begin}, or null if it is none to complete. */
export function wordBefore(text, caret) {
  const before = text.slice(0, caret);
  const found = COMMAND.exec(before) ?? EMOJI.exec(before) ?? WORD.exec(before);
  if (!found) return null;
  const [, sign, typed] = found;
  return { sign, typed, begin: before.lastIndexOf(`${sign}${typed}`) };
}

/**
 * The texts that may complete a word, each with a note: {text, note}. `emoji` are the groups of emoji,
 * as far as they are loaded.
 */
export function completions({ sign, typed }, { members, people, rooms, you, room, emoji = [] }) {
  const choices = {
    "@": () => namesFor(typed, { members, people, you }),
    "#": () => roomsFor(typed, { rooms, shownId: room?.id }),
    ":": () => emojiFor(typed, emoji),
    "/": () => commandsFor(typed, room),
  };
  return choices[sign]();
}

function emojiFor(typed, groups) {
  return findEmoji(groups, typed, MOST_CHOICES).map(({ emoji, code }) => ({ text: emoji, note: `:${code}:` }));
}

function commandsFor(typed, room) {
  return Object.entries({ ...commandsIn(room), me: ACTION })
    .filter(([name]) => name.startsWith(typed.toLowerCase()) && name !== typed)
    .map(([name, { usage }]) => ({ text: `/${name}`, note: usage.slice(name.length + 2) }));
}

/** Members of the room come before others who are online, and names that begin so before others. */
function namesFor(typed, { members, people, you }) {
  const all = new Map();
  for (const [group, list] of [members, people].entries()) {
    for (const { name } of list) if (name !== you && !all.has(name)) all.set(name, { name, group });
  }
  const begins = ({ name }) => name.toLowerCase().startsWith(typed.toLowerCase());
  return foundPeople([...all.values()], typed)
    .sort((one, other) => one.group - other.group || Number(begins(other)) - Number(begins(one)))
    .slice(0, MOST_CHOICES)
    .map(({ name, group }) => ({ text: `@${name}`, note: group ? "not a member" : "" }));
}

function roomsFor(typed, { rooms, shownId }) {
  const places = rooms.sections(shownId).flat().filter(({ kind }) => kind !== "direct");
  const named = places.map((room) => ({ room, name: `${titleOf(room)} ${room.slug}` }));
  return foundPeople(named, typed)
    .slice(0, MOST_CHOICES)
    .map(({ room }) => ({ text: `#${room.slug}`, note: titleOf(room) }));
}

/** The text with a word replaced, and where the caret then is: {text, caret}. */
export function replaced(text, caret, { begin }, replacement) {
  const inserted = `${replacement} `;
  const rest = text.slice(caret).replace(/^ /, "");
  return { text: text.slice(0, begin) + inserted + rest, caret: begin + inserted.length };
}
