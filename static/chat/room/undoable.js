// Changes of a field that the browser can undo, as it undoes what was typed.

/** Replace a part of what is in a field, and put the caret behind the new text. */
export function replaceText(field, start, end, text) {
  field.focus();
  field.setSelectionRange(start, end);
  // The old command is the only one after which undoing works.
  const isDone = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (isDone) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
