// Events of the browser: that the network is back, that the page is visible or about to be
// closed, and that a new day has begun.

import { untilMidnight } from "../core/dates.js";

/** `isLeaving()` says whether the user has asked for another page; `changed()` updates this one. */
export function listenToBrowser({ chat, outbox, clock, isLeaving, changed }) {
  const { socket } = chat;
  addEventListener("online", () => socket.retryNow());
  addEventListener("offline", () => socket.reconnect());
  addEventListener("pageshow", ({ persisted }) => persisted && socket.retryNow());
  addEventListener("beforeunload", (event) => {
    const isDelayed = !socket.connected || chat.sender.delayCode;
    const hasUnsent = outbox.next || chat.changes.isBusy;
    if (hasUnsent && isDelayed && !isLeaving()) event.preventDefault(); // the browser asks
  });
  document.addEventListener("visibilitychange", () => {
    chat.unread.isReading = false; // until an update sees that the end is visible
    if (document.hidden) return;
    socket.retryNow();
    socket.checkAlive();
    changed();
  });
  updateAtMidnight(clock, changed);
}

/** At midnight "Today" becomes "Yesterday". */
function updateAtMidnight(clock, changed) {
  const afterMidnight = untilMidnight(clock.now()) + 1_000;
  clock.later(() => {
    changed();
    updateAtMidnight(clock, changed);
  }, afterMidnight);
}
