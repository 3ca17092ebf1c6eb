// A short text that says that something was done, or why not. It disappears by itself.

import { setText } from "./dom-updates.js";

const SHOWN_FOR = 12_000; // ms

/**
 * Make the function that shows a text in an element with the role of a status; "" hides it. With
 * `undo` a button calls this function. The text stays while somebody points at it or uses the button.
 */
export function flashIn(element) {
  let timer = null;

  function flash(text, tone = "bad", undo = null) {
    clearTimeout(timer);
    element.dataset.tone = tone;
    setText(element, text);
    if (undo) element.append(" ", undoButton(undo));
    if (text) timer = setTimeout(end, SHOWN_FOR);
  }

  function end() {
    if (element.matches(":hover, :focus-within")) timer = setTimeout(end, SHOWN_FOR);
    else flash("");
  }

  return flash;
}

function undoButton(undo) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "link", textContent: "Undo" });
  button.addEventListener("click", undo, { once: true });
  return button;
}
