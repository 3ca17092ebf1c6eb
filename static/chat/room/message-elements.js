// The elements of the message list. An element is a copy of its item's <template>, filled as text.

import { hueOf, initialsOf } from "../core/people.js";
import { linkify } from "../core/linkify.js";
import { isLongText } from "../core/list-items.js";
import { setText } from "./dom-updates.js";

const GAP_LABELS = {
  older: "Earlier messages",
  between: "Messages in between",
  newer: "Later messages",
};

export class MessageElements {
  #templates = {};
  #formats;
  #shown = new Map(); // the element of each item, by the item's key

  constructor(templates, formats) {
    this.#formats = formats;
    for (const template of templates) {
      this.#templates[template.dataset.template] = template.content.firstElementChild;
    }
  }

  /** The elements for these items, in order. Elements of items that did not change are reused. */
  update(items) {
    const keys = new Set(items.map(({ key }) => key));
    for (const key of this.#shown.keys()) if (!keys.has(key)) this.#shown.delete(key);
    return items.map((item) => this.#elementFor(item));
  }

  #elementFor(item) {
    // "Today" becomes "Yesterday" at midnight, so the text of a day belongs to its item.
    const labelled = item.type === "day" ? { ...item, label: this.#formats.day(item.at) } : item;
    const shown = this.#shown.get(item.key);
    if (shown && isSameItem(shown.item, labelled)) return shown.element;
    const element = shown?.element ?? this.#templates[item.type].cloneNode(true);
    this.#fill[item.type](element, labelled, shown?.item);
    this.#shown.set(item.key, { element, item: labelled });
    return element;
  }

  #fill = {
    day: (element, { at, label }) => this.#fillTime(element.querySelector("time"), at, label),
    presence: (element, { pieces, lines }) => {
      element.replaceChildren(...pieces.map(nodeFor));
      const { at } = lines.at(-1);
      element.title = at ? this.#formats.full(at) : "";
    },
    gap: (element, { place, seq }) => {
      element.dataset.gap = seq;
      setText(element.querySelector("button"), GAP_LABELS[place]);
    },
    notice: (element, { line }) => element.replaceChildren(...linkify(line.text).map(nodeFor)),
    message: (element, item, before) => this.#fillMessage(element, item, before),
  };

  #fillMessage(element, { line, own, continued, id, state, note }, before) {
    const part = (name) => element.querySelector(`[data-part="${name}"]`);
    const removed = Boolean(line.removed);
    Object.assign(element.dataset, {
      own,
      continued,
      removed,
      state: state ?? "sent",
      id: id ?? "",
    });
    element.style.setProperty("--hue", hueOf(line.name));
    setText(part("avatar"), initialsOf(line.name));
    setText(part("name"), line.name);
    part("badge").hidden = !line.guest;
    this.#fillTime(part("time"), line.at, this.#formats.time(line.at));
    if (line.text !== before?.line.text || removed !== Boolean(before.line.removed)) {
      const pieces = removed ? ["This message was removed"] : linkify(line.text);
      part("text").replaceChildren(...pieces.map(nodeFor));
      element.dataset.folded = !removed && isLongText(line.text);
    }
    part("note").hidden = !note;
    setText(part("note"), note ?? "");
    part("actions").hidden = state !== "refused";
  }

  #fillTime(element, at, text) {
    element.dateTime = at;
    element.title = this.#formats.full(at);
    setText(element, text);
  }
}

function isSameItem(one, other) {
  return (
    one.label === other.label &&
    one.continued === other.continued &&
    one.own === other.own &&
    one.state === other.state &&
    one.note === other.note &&
    one.seq === other.seq &&
    isSameLine(one.line, other.line) &&
    one.lines?.[0] === other.lines?.[0] &&
    one.lines?.at(-1) === other.lines?.at(-1)
  );
}

function isSameLine(one, other) {
  return (
    one === other ||
    (one?.text === other?.text &&
      one?.at === other?.at &&
      one?.name === other?.name &&
      one?.removed === other?.removed)
  );
}

/** The node for a string, a name or a link. What people wrote becomes text, never markup. */
function nodeFor(piece) {
  if (typeof piece === "string") return document.createTextNode(piece);
  if (piece.href) {
    const link = document.createElement("a");
    link.href = piece.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.textContent = piece.text;
    return link;
  }
  const name = document.createElement("bdi");
  name.textContent = piece.name;
  return name;
}
