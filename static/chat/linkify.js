// Where the links are in a text. Only http and https; what follows a link in a sentence is not it.

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u0020\u00a0]+/giu;
const TRAILING = /[.,:;!?…*_~'"»”’]+$/u;
const PAIRS = { ")": "(", "]": "[", "}": "{" };

/** The text in pieces: strings, and {href, text} for links. Joined, they are the text. */
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

/** Without the punctuation of the sentence round it, and without a bracket that it did not open. */
function trimmed(link) {
  for (;;) {
    const shorter = withoutBracket(link.replace(TRAILING, ""));
    if (shorter === link) return link;
    link = shorter;
  }
}

function withoutBracket(link) {
  const opening = PAIRS[link.at(-1)];
  if (opening && count(link, link.at(-1)) > count(link, opening)) return link.slice(0, -1);
  return link;
}

const count = (text, character) => text.split(character).length - 1;

function hrefOf(link) {
  try {
    const url = new URL(link);
    return url.hostname ? url.href : null;
  } catch {
    return null;
  }
}
