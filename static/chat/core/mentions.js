// Finds the mentions of the user in a text. The server decides which messages count as mentions, and
// says so in the spans of a message. In messages without spans the page looks for them itself.

import { isYou } from "./people.js";

const NAME_GOES_ON = /^[-.+@]*[\p{L}\p{M}\p{N}_]/u;

const EVERYBODY = "room"; // in messages of those who may call everybody
const CALLERS = ["moderator", "owner"];

/**
 * The names by which a message means the user: [] for most messages. An answer means the person whom
 * it quotes. `people` are those of the room, of whom moderators and owners may call everybody.
 */
export function mentionsIn({ text, spans, name, guest, quote }, you, people = []) {
  const isAnswer = quote?.name === you && !isYou({ name, guest }, you);
  if (!you || !(isAnswer || text.includes("@"))) return [];
  if (spans) {
    const names = mentioned(spans).filter((one) => one === you || one === EVERYBODY);
    return isAnswer && !names.includes(you) ? [you, ...names] : names;
  }
  const mayCall = (person) => person.name === name && CALLERS.includes(person.role);
  const isCall = !guest && hasMention(text, EVERYBODY) && people.some(mayCall);
  return [...(isAnswer || hasMention(text, you) ? [you] : []), ...(isCall ? [EVERYBODY] : [])];
}

/** The names that the server has found in a message. */
function mentioned(spans) {
  return [...new Set(spans.filter(([, , kind]) => kind === "mention").map(([, , , name]) => name))];
}

/** Split a text into strings and mentions ({mention: "@name"}). Joined, the pieces are the text. */
export function splitMentions(text, names) {
  const wanted = names.map((name) => `@${name}`.toLowerCase());
  const pieces = [];
  let begin = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const end = at + (wanted.find((one) => isAt(text, at, one))?.length ?? 0);
    if (end === at) continue;
    if (at > begin) pieces.push(text.slice(begin, at));
    pieces.push({ mention: text.slice(at, end) });
    begin = end;
  }
  if (begin < text.length) pieces.push(text.slice(begin));
  return pieces;
}

function hasMention(text, name) {
  return splitMentions(text, [name]).some(({ mention }) => mention);
}

function isAt(text, at, wanted) {
  const end = at + wanted.length;
  const isSame = text.slice(at, end).toLowerCase() === wanted;
  return isSame && !NAME_GOES_ON.test(text.slice(end)) && !isInWord(text, at);
}

/** Whether the character before this place belongs to a word, as in an address of e-mail. */
function isInWord(text, at) {
  return /[\p{L}\p{M}\p{N}_]$/u.test(text.slice(Math.max(0, at - 2), at));
}
