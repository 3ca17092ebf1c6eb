// The rules of the composer: when a key sends the message, and how long the message may be.

const COUNT_CHARACTERS_FROM = 400; // left
const COUNT_LINES_FROM = 10; // left
// The characters that the server replaces, see chat/wire/commands.py.
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Enter sends, but not with Shift, and not while an input method composes a character. */
export function isSendKey({ key, shiftKey, isComposing, keyCode }) {
  // Safari ends a composition before the key event, and marks the event with key code 229.
  return key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
}

/** Whether a key was pressed without another one, and not for an input method. */
export function isPlainKey(event, key) {
  const { shiftKey, ctrlKey, metaKey, altKey, isComposing } = event;
  return event.key === key && !(shiftKey || ctrlKey || metaKey || altKey || isComposing);
}

/** The text as the server stores it (chat/wire/README.md, D6). */
export function cleaned(text) {
  return text.replace(UNSAFE, " ").trim();
}

/** Whether a text is a command, such as /join, and not something to say, as "/me waves" is. */
export function isCommand(text) {
  return /^\/(?!\/|me\s)/.test(text);
}

/** Return the message for a text: two slashes at its beginning stand for one. */
export function withoutEscape(text) {
  return text.startsWith("//") ? text.slice(1) : text;
}

/** Return the number of characters that still fit: Unicode code points, as on the server. */
export function charactersLeft(text, limit) {
  return limit - [...cleaned(text)].length;
}

/** Return the number of lines that still fit. */
export function linesLeft(text, limit) {
  return limit - cleaned(text).split("\n").length;
}

/**
 * Compare a text with the limits: {note, problem}. `note` counts what is left or too much,
 * when that is worth knowing, and `problem` says in words which limit is exceeded.
 */
export function describeLength(text, limits) {
  const characters = charactersLeft(text, limits.characters);
  const lines = linesLeft(text, limits.lines);
  const tooMany = [];
  if (characters < 0) tooMany.push(`${-characters} too many`);
  if (lines < 0) tooMany.push(`${linesIn(-lines)} too many`);
  const left = [];
  if (characters <= COUNT_CHARACTERS_FROM) left.push(`${characters} left`);
  if (lines <= COUNT_LINES_FROM) left.push(`${linesIn(lines)} left`);
  const problem = characters < 0 ? "This is too long" : "This has too many lines";
  const isTooLong = tooMany.length > 0;
  return { note: (isTooLong ? tooMany : left).join(", "), problem: isTooLong ? problem : "" };
}

function linesIn(count) {
  return count === 1 ? "1 line" : `${count} lines`;
}

/** Whether a key that was pressed outside of all fields begins a text, or pastes one. */
export function beginsText({ key, ctrlKey, metaKey, altKey }) {
  if ((ctrlKey || metaKey) && !altKey) return key.toLowerCase() === "v";
  const isMenuKey = altKey && !ctrlKey; // both together are AltGr, which types characters
  if (isMenuKey || metaKey) return false;
  if (key === "Process" || key === "Dead") return true; // a composition begins
  return [...key].length === 1 && key !== " ";
}
