// The menu of a message: reactions at hand, and what can be done with it.

import { describeReactions, hasReacted } from "../core/reactions.js";
import { actionButtons } from "./action-buttons.js";
import { AT_HAND, emojiButton } from "./emoji-buttons.js";
import { openPopup } from "./popups.js";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * `message` is the element. `offered` says what is offered: {reply, react, edit, remove, copy, versions,
 * report, moderate, places}; the last are actions on the author and where they are offered. `ask()`
 * promises the sanctions of the author. `act(name)` does one of reply, edit, remove, copyText,
 * copyLink, versions, report, react(emoji), moderate(action, places) and pick(element).
 */
export function openMessageMenu({ message, ...about }) {
  const at = message.querySelector("[data-tools] [data-action=menu]") ?? message;
  openPopup("message", at, (dialog) => fillMenu(dialog, { message, ...about }));
}

function fillMenu(dialog, { line, message, you, offered, ask, act }) {
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  dialog.ariaLabel = `Message of ${line.name}`;
  const choose = (...choice) => {
    // First the focus returns to where it was.
    dialog.addEventListener("close", () => act(...choice));
    dialog.close();
  };

  part("at-hand").hidden = !offered.react;
  part("at-hand").prepend(
    ...Object.entries(AT_HAND).map(([emoji, name]) => {
      const button = emojiButton(emoji, name);
      button.ariaPressed = String(hasReacted(line.reactions, emoji, you));
      button.addEventListener("click", () => choose("react", emoji));
      return button;
    }),
  );
  part("pick").addEventListener("click", () => choose("pick", message));
  for (const [name, isOffered] of Object.entries({
    reply: offered.reply,
    edit: offered.edit,
    copyText: offered.copy,
    copyLink: offered.copy,
    versions: offered.versions,
    report: offered.report,
    remove: offered.remove,
  })) {
    part(name).hidden = !isOffered;
    part(name).addEventListener("click", () => choose(name));
  }
  part("moderation").append(
    ...actionButtons(offered.moderate, {
      places: offered.places,
      ask,
      choose: (...chosen) => choose("moderate", ...chosen),
      className: "menu-item",
    }),
  );
  part("who").append(...describeReactions(line.reactions, you).map(whoLine));

  dialog.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const enabled = [...dialog.querySelectorAll("button:enabled")];
    const buttons = enabled.filter((one) => one.checkVisibility());
    const next = buttons.indexOf(document.activeElement) + step;
    buttons.at(next % buttons.length).focus();
  });
}

function whoLine({ emoji, who }) {
  const item = document.createElement("li");
  const names = document.createElement("bdi");
  names.textContent = who;
  item.append(`${emoji} `, names);
  return item;
}
