// Tells people apart by two letters and a hue, which are made from the name; puts them in order,
// and finds those that match what somebody types.

const HUES = 36; // they are ten degrees apart
const WORDS = /[\s._-]+/;
const MARKS = /\p{M}/gu;
const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;

/** The initials of the first two words, or the first two letters of a name that is one word. */
export function initialsOf(name) {
  const [first = ["?"], second] = name.split(WORDS).filter(Boolean).map(lettersOf);
  const rest = second ? second[0].toLocaleUpperCase() : (first[1] ?? "");
  return first[0].toLocaleUpperCase() + rest;
}

/** A hue in degrees. Names that differ in one letter have unrelated hues. */
export function hueOf(name) {
  let hash = 0x811c9dc5; // FNV-1a, whose bits are then mixed once more
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) % HUES) * (360 / HUES);
}

function lettersOf(word) {
  return segmenter ? [...segmenter.segment(word)].map(({ segment }) => segment) : [...word];
}

/** The people by name, those who are online before others; oneself comes first. */
export function sortedPeople(people, you, locale) {
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const rank = (person) => (isYou(person, you) ? 0 : person.online === false ? 2 : 1);
  return [...people].sort(
    (one, other) => rank(one) - rank(other) || compare(one.name, other.name),
  );
}

/** The members of a room, with who of them is online according to the people of the lobby. */
export function withPresence(members, here) {
  const accounts = new Set(here.filter(({ guest }) => !guest).map(({ name }) => name));
  return members.map((person) =>
    person.guest ? person : { ...person, online: accounts.has(person.name) },
  );
}

/** Whether this is the user of the page. A guest cannot be, even with the same name. */
export function isYou({ name, guest }, you) {
  return !guest && name === you;
}

/** The people whose names contain what was typed, whatever its case and accents. */
export function foundPeople(people, typed) {
  const wanted = folded(typed.trim());
  return people.filter(({ name }) => folded(name).includes(wanted));
}

function folded(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
