// The parts of a message on the page besides its text: the message that it answers, its reactions, and
// the button that undoes its removal. Most messages have none of these, so the elements are made
// when they are needed.

import { describeReactions } from "../core/reactions.js";
import { setChildren, setText } from "./dom-updates.js";

/** Show these parts of a message; `pathTo(seq)` is the address of a message. */
export function fillParts(element, { line, you, undo }, pathTo) {
  const text = element.querySelector("[data-part=text]");
  const place = (name, isNeeded, make, put) => {
    const shown = element.querySelector(`[data-part=${name}]`);
    if (!isNeeded) shown?.remove();
    else if (shown) return shown;
    else return put(make());
    return null;
  };
  const answers = line.of && line.quote && !line.removed;
  const quote = place("quote", answers, newQuote, (made) => insert(text, "before", made));
  if (quote) fillQuote(quote, line, pathTo);
  const reactions = describeReactions(line.removed ? null : line.reactions, you);
  const list = place("reactions", reactions.length, newList, (made) =>
    insert(element.querySelector("[data-part=note]"), "before", made),
  );
  if (list) fillReactions(list, reactions);
  place("undo", undo && line.removed, newUndo, (made) => insert(text, "after", made));
}

function insert(element, where, made) {
  element[where](made);
  return made;
}

function newPart(tag, part, fields = {}) {
  const made = Object.assign(document.createElement(tag), fields);
  made.dataset.part = part;
  return made;
}

function newQuote() {
  const quote = newPart("a", "quote", { className: "quote" });
  quote.dataset.action = "jump";
  quote.append(document.createElement("bdi"), " ", Object.assign(document.createElement("span"), { dir: "auto" }));
  return quote;
}

function fillQuote(quote, { of, quote: { name, text, removed } }, pathTo) {
  quote.href = pathTo(of);
  setText(quote.querySelector("bdi"), name);
  setText(quote.querySelector("span"), removed ? "This message was removed" : text);
}

function newUndo() {
  const undo = newPart("button", "undo", { type: "button", className: "link undo", textContent: "Undo" });
  undo.dataset.action = "restore";
  return undo;
}

/** Reactions are no news, so screen readers do not announce them. */
function newList() {
  return newPart("p", "reactions", { className: "reactions", ariaLive: "off" });
}

function fillReactions(list, reactions) {
  const shown = new Map([...list.children].map((chip) => [chip.dataset.emoji, chip]));
  const chips = reactions.map(({ emoji, count, isMine, who }) => {
    const chip = shown.get(emoji) ?? newChip(emoji);
    setText(chip, `${emoji} ${count}`);
    chip.ariaPressed = String(isMine);
    chip.ariaLabel = `${emoji} ${count}: ${who}`;
    chip.dataset.who = who;
    return chip;
  });
  setChildren(list, chips);
}

function newChip(emoji) {
  const chip = Object.assign(document.createElement("button"), { type: "button", className: "reaction" });
  Object.assign(chip.dataset, { action: "react", emoji });
  return chip;
}
