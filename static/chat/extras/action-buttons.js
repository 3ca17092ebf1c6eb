// The buttons of a moderator's actions, on the card of a person and in the menu of a message.

import { changeOf, labelOf } from "./moderating.js";
import { fitting, isSanction } from "./moderation-rules.js";

/**
 * The buttons of each action, which call `choose(action, places)`. Those of sanctions can be used when
 * it is known which hold: `ask()` promises those of the person. One that can be ended is offered to be
 * ended, and beside that to be replaced by another one. `places` are those of `placesFor`.
 */
export function actionButtons(actions, { places, ask, choose, className = "button quiet" }) {
  const asked = actions.some(isSanction) ? ask() : null;
  const newButton = (action, chosen, label = labelOf(action)) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className });
    button.dataset.moderate = action;
    button.append(...label);
    button.disabled = !chosen.length;
    button.addEventListener("click", () => choose(action, chosen));
    return button;
  };
  const buttonsOf = (action, { begin, end }) => {
    if (!end) return [newButton(action, begin)];
    if (!end.places.length && begin.length) return [newButton(action, begin)]; // elsewhere
    const ending = newButton(end.action, end.places);
    return begin.length ? [ending, newButton(action, begin, changeOf(action))] : [ending];
  };
  return actions.map((action) => {
    const element = document.createElement("span");
    element.className = "moderation-buttons";
    element.append(newButton(action, isSanction(action) ? [] : places));
    if (isSanction(action)) {
      void asked.then((found) => element.replaceChildren(...buttonsOf(action, fitting(action, found, places))));
    }
    return element;
  });
}
