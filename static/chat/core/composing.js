// The rules of the composer: when a key sends the message, and how long the message may be.

/** Enter sends, but not with Shift, and not while an input method composes a character. */
export function isSendKey({ key, shiftKey, isComposing, keyCode }) {
  // Safari ends a composition before the key event, and marks the event with key code 229.
  return key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
}

/** How many more characters fit. As on the server, a character is a Unicode code point. */
export function charactersLeft(text, limit) {
  return limit - [...text.trim()].length;
}
