// The list of completions above the composer.

import { replaceText } from "../room/undoable.js";
import { completions, replaced, wordBefore } from "./completion-words.js";
import { loadEmoji } from "./emoji-search.js";
import { listOption } from "./list-option.js";

/**
 * `context()` is what `completions` needs, without the emoji, and `address` that of emoji.json. The
 * list is offered from the next key on.
 */
export function enableCompletion({ field, list, context, address }) {
  let word = null;
  let emoji; // the groups, loaded with the first word that asks for one
  let choices = [];
  let selected = 0;

  function close() {
    word = null;
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  function update() {
    const isAtCaret = field.selectionStart === field.selectionEnd;
    word = isAtCaret ? wordBefore(field.value, field.selectionStart) : null;
    if (word?.sign === ":" && !emoji) void load();
    choices = word ? completions(word, { ...context(), emoji }) : [];
    if (!choices.length) {
      close();
      return;
    }
    list.replaceChildren(...choices.map(optionFor));
    list.hidden = false;
    select(0);
  }

  async function load() {
    emoji = [];
    try {
      emoji = await loadEmoji(address);
      update();
    } catch {
      emoji = undefined; // the next key tries again
    }
  }

  function select(index) {
    selected = index;
    [...list.children].forEach((option, at) => {
      option.ariaSelected = String(at === index);
    });
    field.setAttribute("aria-activedescendant", list.children[index].id);
  }

  function accept() {
    const { begin } = word;
    const { text, caret } = replaced(field.value, field.selectionStart, word, choices[selected].text);
    close();
    const end = field.value.length - (text.length - caret); // what follows stays
    replaceText(field, begin, end, text.slice(begin, caret));
  }

  // The composer listens to the same keys, and a completion comes before it.
  field.addEventListener(
    "keydown",
    (event) => {
      if (!word || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) select((selected + step + choices.length) % choices.length);
      else if (event.key === "Enter" || event.key === "Tab") accept();
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
  field.addEventListener("input", update);
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (!option || !word) return;
    selected = [...list.children].indexOf(option);
    accept();
  });
  update();
}

function optionFor({ text, note }, index) {
  return listOption(`completion-${index}`, text, note);
}
