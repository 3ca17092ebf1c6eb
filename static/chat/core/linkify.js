// Finds http and https links in a text.

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u0020\u00a0]+/giu;
const PUNCTUATION = ".,:;!?…*_~'\"»”’";
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
