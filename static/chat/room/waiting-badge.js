// For moderators: the link to their page, and the number of decisions that wait for them, on the
// account menu and in it.

import { setText } from "./dom-updates.js";

/** Show the link to those who moderate something. The rooms are empty until the welcome. */
export function showModerating(page, rooms) {
  if (rooms.all.length) page.querySelector("[data-moderation]").hidden = !rooms.moderates;
}

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
