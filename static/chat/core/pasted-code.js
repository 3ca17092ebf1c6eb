// Whether a text is code, and how code is written in a message.

const FENCES = /^`{3,}/gm;
// Signs of code in many languages: indentation, their last character, and words at their beginning.
const CODE_LINES = [
  /^(?: {2,}|\t)\S/,
  /(?:[;{}]|[)\]]:?|=>|\\|::)$/,
  /^(?:def|class|import|from|function|const|let|var|if|for|while|return|public|private|#include|package|use|fn|func)\b.*[({:;=."'<]/,
  /^(?:<\/?\w|\$ |\/\/|\/\*|#!|SELECT\b)/,
  /^[\w.[\]]+ ?[-+*/|&]?= ?\S/,
];
const MOST_OF_THEM = 0.5;

/** Whether most lines of a text of several lines look like code. */
export function looksLikeCode(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  if (lines.length < 2 || text.match(FENCES)) return false;
  const isCode = (line) => CODE_LINES.some((pattern) => pattern.test(line.trimEnd()));
  return lines.filter(isCode).length >= lines.length * MOST_OF_THEM;
}

/** Whether a place in a text is within a block of code. */
export function isInBlock(text, place) {
  return (text.slice(0, place).match(FENCES) ?? []).length % 2 === 1;
}

/** The marks of a block of code, which are longer than any in the text. */
export function marksOfBlock(text) {
  return "`".repeat(1 + Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length)));
}

export function codeBlock(text) {
  const marks = marksOfBlock(text);
  return `${marks}\n${text.replace(/\n+$/, "")}\n${marks}`;
}
