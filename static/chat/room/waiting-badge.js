// For moderators: the link to their page, and the number of decisions that wait for them, on the
// account menu and in it.

import { setText } from "./dom-updates.js";

/** Show the link to those who moderate something. The rooms are empty until the welcome. */
export function showModerating(page, rooms) {
  if (!rooms.all.length) return;
  const link = page.querySelector("[data-moderation]");
  const moderated = !link.hidden;
  link.hidden = !rooms.moderates;
  // A number from an earlier connection. That of a new moderator may come before the rank does.
  if (moderated && link.hidden) showWaiting(page, 0);
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
