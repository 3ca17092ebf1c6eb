// The quick switcher: a list of rooms and people that is searched by typing. Its last choice
// searches for what was typed in what was said.

import { countText, mentionsOf } from "../core/room-list.js";
import { choicesFor } from "./choices.js";
import { openDialog } from "./dialogs.js";
import { listOption } from "./list-option.js";

/**
 * Open it with a text that was typed. `context()` is what `choicesFor` needs, and `choose(choice)`
 * shows a room or a person, or searches.
 */
export function openSwitcher({ text, context, choose }) {
  const dialog = openDialog("switcher");
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  let choices = [];
  let selected = 0;

  function update() {
    choices = choicesFor(field.value, context());
    selected = 0;
    list.replaceChildren(...choices.map(optionFor));
    dialog.querySelector("[data-part=nothing]").hidden = !choices[0]?.search;
    select(0);
  }

  function select(index) {
    selected = index;
    [...list.children].forEach((option, at) => {
      option.ariaSelected = String(at === index);
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (list.children[index]) field.setAttribute("aria-activedescendant", list.children[index].id);
    else field.removeAttribute("aria-activedescendant");
  }

  function accept() {
    const choice = choices[selected];
    if (!choice) return;
    dialog.close();
    choose(choice);
  }

  field.addEventListener("input", update);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && !event.isComposing) accept();
    else if (step && choices.length) select((selected + step + choices.length) % choices.length);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", ({ target }) => {
    selected = [...list.children].indexOf(target.closest("[role=option]"));
    accept();
  });
  field.value = text;
  update();
}

function optionFor({ name, room, person, search }, index) {
  const note = search ? "Search messages" : person ? "Message" : noteFor(room);
  return listOption(`switcher-${index}`, name, note);
}

function noteFor(room) {
  const mentions = mentionsOf(room);
  if (mentions) return `${countText(mentions)} for you`;
  if (room.unread) return `${countText(room.unread)} unread`;
  return { private: "private", direct: "direct" }[room.kind] ?? "";
}
