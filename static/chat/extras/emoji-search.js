// All emoji, and the search among them by names, codes and words.

const SPACES = /[\s_:,’'-]+/;
const MARKS = /\p{M}/gu;
const TONES = ["light", "medium-light", "medium", "medium-dark", "dark"];
const TONE = /[\u{1f3fb}-\u{1f3ff}]/gu;
const FIRST_TONE = 0x1f3fb;
const ABOUT_TONES = /^(?:lig|med|dar|ton|ski)/; // the beginnings of words that ask for a tone of skin

let loading = null;

/** Load the groups from the site, once: [{name, emoji: [{emoji, name, code, words, variants}]}]. */
export function loadEmoji(address) {
  loading ??= fetchGroups(address).catch((error) => {
    loading = null; // the next one tries again
    throw error;
  });
  return loading;
}

async function fetchGroups(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(address);
  return groupsOf(await answer.json());
}

/** The groups in the data of emoji.json. */
export function groupsOf({ groups }) {
  return groups.map(([name, emoji]) => ({ name, emoji: emoji.map(emojiOf) }));
}

function emojiOf([emoji, name, found, variants = ""]) {
  const [code] = found.split(" ");
  return { emoji, name, code, words: wordsIn(`${name} ${found}`), variants: variants.split(" ").filter(Boolean) };
}

/**
 * The emoji in which each typed word begins some word, best first, at most `limit`. Variants with tones
 * of skin are found by these, such as "wave dark".
 */
export function findEmoji(groups, typed, limit) {
  const wanted = wordsIn(typed);
  if (!wanted.length) return [];
  const all = groups.flatMap(({ emoji }) => emoji);
  const asksTone = wanted.some((word) => ABOUT_TONES.test(word));
  const pool = asksTone ? all.flatMap((one) => [one, ...variantsOf(one)]) : all;
  const text = wanted.join("_");
  return pool
    .filter(({ words }) => wanted.every((word) => words.some((one) => one.startsWith(word))))
    .map((found, index) => ({ found, order: [...ranksOf(found, text), index] }))
    .sort((one, other) => compare(one.order, other.order))
    .slice(0, limit)
    .map(({ found }) => found);
}

function compare(one, other) {
  const at = one.findIndex((number, place) => number !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
}

function variantsOf({ name, code, words, variants }) {
  return variants.map((emoji) => {
    const tones = [...emoji.matchAll(TONE)].map(([tone]) => TONES[tone.codePointAt(0) - FIRST_TONE]);
    const described = `${[...new Set(tones)].join(" and ")} skin tone`;
    const toneWords = wordsIn(described);
    const allWords = [...words, ...toneWords];
    return { emoji, name: `${name}: ${described}`, code, words: allWords, toneWords: toneWords.length };
  });
}

/**
 * A code or name that begins with the text comes before one that has it as a word among others. Short
 * codes come before long ones that begin in the same way.
 */
function ranksOf({ code, name, toneWords = 0 }, text) {
  if (code.startsWith(text)) return [0, code.length, toneWords];
  return [wordsIn(name).join("_").startsWith(text) ? 1 : 2, toneWords, 0];
}

function wordsIn(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase().split(SPACES).filter(Boolean);
}
