// The elements of the message list. An element is a copy of its item's <template>, filled as text.

import { hueOf, initialsOf } from "../core/people.js";
import { actionOf, isAction, nodesOf } from "../core/formatting.js";
import { isLongText } from "../core/list-items.js";
import { setText } from "./dom-updates.js";
import { fileElements } from "./message-files.js";
import { elementsFor } from "./formatted-text.js";
import { fillParts } from "./message-parts.js";

const GAP_LABELS = {
  older: "Earlier messages",
  between: "Messages in between",
  newer: "Later messages",
};

export class MessageElements {
  #templates = {};
  #formats;
  #pathTo;
  #shown = new Map(); // the element of each item, by the item's key

  /** `pathTo(seq)` is the address of a message. */
  constructor(templates, formats, pathTo) {
    this.#formats = formats;
    this.#pathTo = pathTo;
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
      element.replaceChildren(...pieces.map(pieceFor));
      const { at } = lines.at(-1);
      element.title = at ? this.#formats.full(at) : "";
    },
    gap: (element, { place, seq }) => {
      element.dataset.gap = seq;
      setText(element.querySelector("button"), GAP_LABELS[place]);
    },
    new: () => {},
    notice: (element, { line }) => element.replaceChildren(...elementsFor(nodesOf(line))),
    message: (element, item, before) => this.#fillMessage(element, item, before),
  };

  #fillMessage(element, item, before) {
    const { line, own, continued, mentions = [], id, state, note } = item;
    const part = (name) => element.querySelector(`[data-part="${name}"]`);
    const removed = Boolean(line.removed);
    Object.assign(element.dataset, {
      own,
      continued,
      removed,
      mentioned: mentions.length > 0 && !removed,
      state: state ?? "sent",
      id: id ?? "",
      seq: line.seq ?? "",
    });
    element.style.setProperty("--hue", hueOf(line.name));
    setText(part("avatar"), initialsOf(line.name));
    setText(part("name"), line.name);
    part("badge").hidden = !line.guest;
    this.#fillTime(part("time"), line.at, this.#formats.time(line.at));
    if (line.seq) part("link").href = this.#pathTo(line.seq);
    if (!isSameText(line, before?.line)) {
      this.#fillText(element, part("text"), line, mentions);
      element.dataset.folded = !removed && isLongText(line.text);
    }
    const files = (!removed && line.files) || [];
    if (idsOf(files) !== idsOf(before?.line.files)) part("files").replaceChildren(...fileElements(files));
    part("files").hidden = !files.length;
    part("text").hidden = files.length > 0 && !line.text;
    const isEdited = line.edited && !removed;
    if (isEdited) part("text").dataset.edited = this.#formats.moment(line.edited);
    else delete part("text").dataset.edited;
    fillParts(element, item, this.#pathTo);
    part("note").hidden = !note;
    setText(part("note"), note ?? "");
    part("actions").hidden = state !== "refused";
    element.querySelector("[data-action=retry]").hidden = Boolean(item.final);
  }

  #fillText(element, part, line, mentions) {
    const nodes = line.removed ? ["This message was removed"] : nodesOf(line, mentions);
    const hasActor = isAction(line);
    element.dataset.emote = hasActor;
    part.replaceChildren(...elementsFor(hasActor ? actionOf(nodes) : nodes, mentions));
    if (!hasActor) return;
    const actor = pieceFor({ name: line.name });
    actor.className = "actor";
    part.prepend(actor, " ");
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
    one.undo === other.undo &&
    one.seq === other.seq &&
    isSameLine(one.line, other.line) &&
    one.lines?.[0] === other.lines?.[0] &&
    one.lines?.at(-1) === other.lines?.at(-1)
  );
}

function isSameLine(one, other) {
  return (
    one === other ||
    (one?.at === other?.at &&
      one?.name === other?.name &&
      idsOf(one?.files) === idsOf(other?.files) &&
      one?.edited === other?.edited &&
      one?.reactions === other?.reactions &&
      one?.quote?.text === other?.quote?.text &&
      isSameText(one, other))
  );
}

function isSameText(one, other) {
  return (
    one?.text === other?.text && one?.removed === other?.removed && one?.spans === other?.spans
  );
}

/** The differences between lists of files: some may be deleted. */
const idsOf = (files = []) => files.map(({ id, url }) => id + Boolean(url)).join();

/** The node for a string or a name. */
function pieceFor(piece) {
  if (typeof piece === "string") return document.createTextNode(piece);
  return Object.assign(document.createElement("bdi"), { textContent: piece.name });
}
