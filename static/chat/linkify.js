// Where the links are in a text. Only http and https; what follows a link in a sentence is not it.

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u0020\u00a0]+/giu;
const TRAILING = ".,:;!?…*_~'\"»”’";
const LONGEST = 2_000; // characters; what is longer is no link that one could follow
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

/** Without the punctuation of the sentence round it, and without brackets that it did not open. */
function trimmed(link) {
  if (link.length > LONGEST) return "";
  const counts = {};
  for (const character of link) counts[character] = (counts[character] ?? 0) + 1;
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1];
    const unopened = last in PAIRS && counts[last] > (counts[PAIRS[last]] ?? 0);
    if (unopened) counts[last] -= 1;
    else if (!TRAILING.includes(last)) break;
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
