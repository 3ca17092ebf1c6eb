// A short text that says that something was done, or why not. It disappears by itself.

import { setText } from "./dom-updates.js";

const SHOWN_FOR = 12_000; // ms

/** Make the function that shows a text in an element with the role of a status; "" hides it. */
export function flashIn(element) {
  let timer = null;
  return function flash(text, tone = "bad") {
    clearTimeout(timer);
    element.dataset.tone = tone;
    setText(element, text);
    if (text) timer = setTimeout(() => flash(""), SHOWN_FOR);
  };
}
