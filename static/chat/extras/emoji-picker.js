// The picker of emoji: those at hand, all others by groups, and a search.

import { AT_HAND, emojiButton } from "./emoji-buttons.js";
import { findEmoji, loadEmoji } from "./emoji-search.js";
import { openPopup } from "./popups.js";

const MOST_FOUND = 120;

/**
 * Open it at an element. `address` is that of emoji.json, `pick(emoji)` takes the choice, and `fail()`
 * is called if the emoji cannot be loaded.
 */
export async function openEmojiPicker({ at, address, pick, fail }) {
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  const dialog = openPopup("emoji", at, (opened) => {
    const emoji = Object.entries(AT_HAND).map(([one, name]) => emojiButton(one, name));
    opened.querySelector("[data-part=at-hand]").append(...emoji);
  });
  const field = dialog.querySelector("input");
  const grid = part("grid");
  let groups = [];

  dialog.addEventListener("click", ({ target }) => {
    const { emoji } = target.closest("[data-emoji]")?.dataset ?? {};
    if (!emoji) return;
    dialog.close();
    pick(emoji);
  });
  field.focus();
  field.addEventListener("input", update);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && grid.firstElementChild) grid.firstElementChild.focus();
    else if (event.key === "Enter" && !event.isComposing && field.value.trim()) grid.firstElementChild?.click();
    else return;
    event.preventDefault();
  });
  grid.addEventListener("keydown", moveInGrid);

  function update() {
    if (!groups.length) return; // they are still loading, and are shown when they are there
    const typed = field.value.trim();
    const found = typed ? findEmoji(groups, typed, MOST_FOUND) : shownGroup().emoji;
    part("groups").hidden = Boolean(typed);
    show(found);
    part("found").textContent = typed ? countOf(found.length) : "";
  }

  function shownGroup() {
    const pressed = part("groups").querySelector("[aria-pressed=true]");
    return groups[[...part("groups").children].indexOf(pressed)];
  }

  function show(emoji) {
    grid.replaceChildren(...emoji.map((one) => emojiButton(one.emoji, one.name)));
    [...grid.children].forEach((button, index) => {
      button.tabIndex = index ? -1 : 0; // the arrow keys lead to the others
    });
    grid.scrollTop = 0;
  }

  function moveInGrid(event) {
    const buttons = [...grid.children];
    const index = buttons.indexOf(document.activeElement);
    const top = buttons[0].offsetTop;
    const columns = Math.max(1, buttons.filter((button) => button.offsetTop === top).length);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return;
    event.preventDefault();
    if (index + step < 0) field.focus();
    else buttons[index + step]?.focus();
  }

  function showGroups() {
    part("groups").replaceChildren(
      ...groups.map(({ name, emoji: [first] }, index) => {
        const button = emojiButton(first.emoji, name);
        delete button.dataset.emoji;
        button.ariaPressed = String(index === 0);
        return button;
      }),
    );
  }

  part("groups").addEventListener("click", ({ target }) => {
    const chosen = target.closest("button");
    for (const button of part("groups").children) button.ariaPressed = String(button === chosen);
    update();
  });

  try {
    groups = await loadEmoji(address);
  } catch {
    dialog.close();
    fail();
    return;
  }
  showGroups();
  update();
}

function countOf(count) {
  if (count === 0) return "No emoji is called that.";
  if (count === MOST_FOUND) return `${count} or more`;
  return count === 1 ? "1 emoji" : `${count} emoji`;
}
