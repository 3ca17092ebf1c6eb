// Finds http and https links in a text.

// A link consists of visible ASCII characters, and of letters, marks, digits and symbols of all
// scripts. It ends before punctuation that is not ASCII, quotation marks, invisible characters, and
// full-width symbols. Some of these stay where they are part of a word.
const ENDING = String.raw`[<>"'${"`"}\p{DI}\u2800\uff0b\uff1c-\uff1e\uff3e\uff40\uff5c\uff5e\uffe0-\uffef]`;
const WIDE = String.raw`(?!${ENDING}|[\0-\x7f])[\p{L}\p{M}\p{N}\p{S}]`; // a character beyond ASCII
const LINK = new RegExp(
  String.raw`\bhttps?:\/\/(?:` +
    [
      String.raw`(?!${ENDING})[\p{M}\p{S}\p{sc=Arab}]\ufe0f?[\u200c\u200d](?=${WIDE})`, // joiners
      String.raw`${WIDE}(?:\ufe0f|・(?=${WIDE}))`, // emoji, and Japanese names of several words
      String.raw`[\p{L}\p{M}\p{N}][·–](?=[\p{L}\p{N}])`,
      String.raw`(?!${ENDING})[!-~\p{L}\p{M}\p{N}\p{S}]`,
    ].join("|") +
    ")+",
  "giu",
);
const PUNCTUATION = ".,:;!?*_~";
const LONGEST = 2_000; // characters
const OPENING = { ")": "(", "]": "[", "}": "{" };

/** Split the text into strings and links ({href, text}). Joined, the pieces are the text. */
export function linkify(text) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = trimmed(match[0]);
    const href = hrefOf(link);
    if (href) {
      if (match.index > end) pieces.push(text.slice(end, match.index));
      pieces.push({ href, text: link });
      end = match.index + link.length;
    }
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** The link without the punctuation that follows it, and without unopened closing brackets. */
function trimmed(link) {
  if (link.length > LONGEST) return "";
  const counts = {};
  for (const character of link) counts[character] = (counts[character] ?? 0) + 1;
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1];
    const isUnopened = last in OPENING && counts[last] > (counts[OPENING[last]] ?? 0);
    if (isUnopened) counts[last] -= 1;
    else if (!PUNCTUATION.includes(last)) break;
  }
  return link.slice(0, end);
}

function hrefOf(link) {
  try {
    const url = new URL(link);
    return url.hostname ? url.href : null;
  } catch {
    return null;
  }
}
