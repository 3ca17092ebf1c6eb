// The keyboard shortcuts of the room page.

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

/**
 * Return the action of a key: {action, step?}, or null. The actions are "switch", "move",
 * "moveToUnread", "markRead" and "help". `isInField` says whether the key is pressed where one
 * writes.
 */
export function shortcutFor({ key, ctrlKey, metaKey, altKey, shiftKey }, isInField) {
  const step = STEPS[key];
  if ((ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k") {
    return { action: "switch" };
  }
  if (altKey && !ctrlKey && !metaKey && step) {
    return { action: shiftKey ? "moveToUnread" : "move", step };
  }
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Escape") return { action: "markRead" };
  if (key === "?" && !isInField) return { action: "help" };
  return null;
}
