// The number of decisions that wait for a moderator, on the account menu and in it.

import { setText } from "./dom-updates.js";

export function showWaiting(page, count) {
  for (const badge of page.querySelectorAll("[data-waiting]")) {
    const part = (name) => badge.querySelector(`[data-part="${name}"]`);
    badge.hidden = count === 0;
    setText(part("count"), String(count));
    if (part("words")) setText(part("words"), wordsFor(count));
  }
}

function wordsFor(count) {
  return count === 1 ? ", 1 decision waits for you" : `, ${count} decisions wait for you`;
}
