// The choices of the quick switcher: rooms, and people to write to, found by a part of their names.

import { foundPeople } from "../core/people.js";
import { isUnread, mentionsOf, titleOf } from "../core/room-list.js";

const MOST_CHOICES = 12;

/**
 * The choices for what was typed, best first: {room} or {person}, each with its `name`. The last
 * one searches for the text in what was said: {search}. Without a text these are the rooms, those
 * with something unread first.
 */
export function choicesFor(typed, { rooms, people, you, shownId }) {
  const places = rooms
    .sections(shownId)
    .flat()
    .filter(({ id }) => id !== shownId)
    .map((room) => ({ name: titleOf(room), room }));
  const others = people
    .filter(({ name, guest }) => !guest && name !== you)
    .map((person) => ({ name: person.name, person }));
  const text = typed.trim();
  if (!text) return places.sort(byUnread).slice(0, MOST_CHOICES);
  const found = foundPeople([...places, ...others], text)
    .sort((one, other) => rank(one, text) - rank(other, text) || byUnread(one, other))
    .slice(0, MOST_CHOICES);
  return [...found, { name: text, search: text }];
}

/** A name that begins with the text comes before one that has it in the middle. */
function rank({ name, person }, text) {
  const begins = foundPeople([{ name: name.slice(0, text.length) }], text).length > 0;
  return (begins ? 0 : 2) + (person ? 1 : 0);
}

function byUnread({ room: one }, { room: other }) {
  return urgency(other) - urgency(one);
}

function urgency(room) {
  if (!room) return 0;
  return mentionsOf(room) * 1_000 + Number(isUnread(room));
}
