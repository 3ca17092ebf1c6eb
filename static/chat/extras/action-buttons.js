// The buttons of a moderator's actions, on the card of a person and in the menu of a message.

import { labelOf } from "./moderating.js";
import { fitting, isSanction } from "./moderation-rules.js";

/**
 * A button for each action, which calls `choose(action, places)`. One that begins a sanction can be
 * used when it is known whether its end fits instead: `ask()` promises the sanctions of the person.
 */
export function actionButtons(actions, { ask, choose, className = "button quiet" }) {
  const asked = actions.some(isSanction) ? ask() : null;
  return actions.map((action) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className });
    show(button, { action, isOffered: !isSanction(action) }, choose);
    if (isSanction(action)) void asked.then((found) => show(button, fitting(action, found), choose));
    return button;
  });
}

function show(button, { action, isOffered, places }, choose) {
  button.textContent = labelOf(action);
  button.disabled = !isOffered;
  button.dataset.moderate = action;
  button.onclick = () => choose(action, places);
}
