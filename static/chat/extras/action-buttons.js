// The buttons of a moderator's actions, on the card of a person and in the menu of a message.

import { labelOf } from "./moderating.js";

/** A button for each action, which calls `choose(action)`. */
export function actionButtons(actions, choose, className = "button quiet") {
  return actions.map((action) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className, textContent: labelOf(action) });
    button.dataset.moderate = action;
    button.addEventListener("click", () => choose(action));
    return button;
  });
}
