// Listens to the keys that work on the whole page.

import { beginsText } from "../core/composing.js";
import { isUnread } from "../core/room-list.js";
import { shortcutFor } from "../core/shortcuts.js";

/** `actions`: {switchRoom, show(room), markRead, help}. */
export function enableKeys({ chat, composer, log, actions }) {
  const move = (step, isWanted) => {
    const room = chat.rooms.neighbour(chat.room?.id, step, isWanted);
    if (room) actions.show(room);
  };
  const handlers = {
    switch: () => actions.switchRoom(),
    move: ({ step }) => move(step),
    moveToUnread: ({ step }) => move(step, isUnread),
    markRead: () => actions.markRead(),
    help: () => actions.help(),
  };

  document.addEventListener("keydown", (event) => {
    const isTaken = event.defaultPrevented || event.isComposing;
    if (isTaken || document.querySelector("dialog[open]")) return;
    const isInField = event.target.matches?.("input, textarea, select");
    const shortcut = shortcutFor(event, isInField);
    if (shortcut) {
      event.preventDefault();
      handlers[shortcut.action](shortcut);
      return;
    }
    const isOutside = event.target === document.body || log.contains(event.target);
    if (isOutside && beginsText(event) && !composer.hidden) composer.focus();
  });
}
