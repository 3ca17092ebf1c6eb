// The log on the screen: one element an item, made from templates, kept in place while reading.

import { arrange } from "./arrange.js";
import { linkify } from "./linkify.js";
import { initialOf, tintOf } from "./person.js";
import { setText } from "./set-text.js";

const NEAR_END = 48; // pixels
const SETTLED = 150; // ms after the last scroll: this is where one reads
const QUIET_FOR = 1_000; // history is not read out: so long after it came nothing is

export class Timeline {
  atEnd = true;
  #scroller;
  #list;
  #times;
  #templates = {};
  #shown = new Map();
  #quiet = null;
  #width;
  #reading = null; // the place, as long as the column keeps its width
  #settling = null;

  constructor({ scroller, list, templates, times, scrolled }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#times = times;
    for (const template of templates) {
      this.#templates[template.dataset.template] = template.content.firstElementChild;
    }
    this.#width = scroller.clientWidth;
    scroller.addEventListener("scroll", () => {
      if (scroller.clientWidth !== this.#width) return; // that was the column, not the reader
      this.atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
      this.#settle();
      scrolled();
    });
    const resized = new ResizeObserver(() => this.#resized());
    resized.observe(scroller);
    resized.observe(list);
  }

  /** Show these items, and what `around` changes; who reads further up keeps their place. */
  show(items, around) {
    const place = this.atEnd ? null : this.#place();
    around();
    this.#reconcile(items.map((item) => this.#labelled(item)));
    if (place) this.#restore(place);
    else this.toEnd();
    if (this.#settling === null) this.#settle(); // not later and later in a busy room
  }

  toEnd() {
    this.atEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** What comes now is old: screen readers need not announce it. */
  quietly() {
    this.#scroller.setAttribute("aria-live", "off");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#scroller.setAttribute("aria-live", "polite"), QUIET_FOR);
  }

  /** In a column of another width everything has another height. */
  #resized() {
    const isTurned = this.#scroller.clientWidth !== this.#width;
    this.#width = this.#scroller.clientWidth;
    if (this.atEnd) this.toEnd();
    else if (isTurned && this.#reading) this.#restore(this.#reading);
  }

  #settle() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = null;
      this.#reading = this.atEnd ? null : this.#place();
    }, SETTLED);
  }

  /** Where the messages are that one sees: those stay in order, dividers wander. */
  #place() {
    const top = this.#scroller.getBoundingClientRect().top;
    const messages = [...this.#list.querySelectorAll("[data-id]")];
    const seen = messages.filter((node) => node.getBoundingClientRect().bottom > top).slice(0, 20);
    return {
      seen: seen.map((node) => [node, node.getBoundingClientRect().top]),
      toEnd: this.#scroller.scrollHeight - this.#scroller.scrollTop,
    };
  }

  #restore({ seen, toEnd }) {
    const [node, was] = seen.find(([one]) => one.isConnected) ?? [];
    if (node) this.#scroller.scrollTop += node.getBoundingClientRect().top - was;
    else this.#scroller.scrollTop = this.#scroller.scrollHeight - toEnd;
  }

  /** Days change their names at midnight. */
  #labelled(item) {
    return item.type === "day" ? { ...item, label: this.#times.day(item.at) } : item;
  }

  #reconcile(items) {
    const keys = new Set(items.map(({ key }) => key));
    for (const key of this.#shown.keys()) if (!keys.has(key)) this.#shown.delete(key);
    arrange(
      this.#list,
      items.map((item) => this.#nodeFor(item)),
    );
  }

  #nodeFor(item) {
    const shown = this.#shown.get(item.key);
    if (shown && isSame(shown.item, item)) return shown.node;
    const node = shown?.node ?? this.#templates[item.type].cloneNode(true);
    this.#fill[item.type](node, item, shown?.item);
    this.#shown.set(item.key, { node, item });
    return node;
  }

  #fill = {
    day: (node, { at, label }) => this.#fillTime(node.querySelector("time"), at, label),
    comings: (node, { pieces, lines }) => {
      node.replaceChildren(...pieces.map(nodeOfPiece));
      node.title = this.#times.full(lines.at(-1).at);
    },
    notice: (node, { line }) => node.replaceChildren(...linkify(line.text).map(nodeOfPiece)),
    said: (node, item, before) => this.#fillMessage(node, item, before),
  };

  #fillMessage(node, { line, own, continued, id, state, why }, before) {
    const part = (name) => node.querySelector(`[data-part="${name}"]`);
    const removed = Boolean(line.removed);
    Object.assign(node.dataset, { own, continued, removed, state: state ?? "sent", id: id ?? "" });
    setText(part("avatar"), initialOf(line.name));
    part("avatar").dataset.tint = tintOf(line.name);
    setText(part("name"), line.name);
    part("badge").hidden = !line.guest;
    this.#fillTime(part("time"), line.at, this.#times.time(line.at));
    if (line.text !== before?.line.text || removed !== Boolean(before.line.removed)) {
      const text = removed ? ["This message was removed"] : linkify(line.text);
      part("text").replaceChildren(...text.map(nodeOfPiece));
    }
    part("note").hidden = !why;
    setText(part("note"), why ?? "");
    part("actions").hidden = state !== "refused";
  }

  #fillTime(node, at, text) {
    node.dateTime = at;
    node.title = this.#times.full(at);
    setText(node, text);
  }
}

function isSame(one, other) {
  return (
    one.label === other.label &&
    one.continued === other.continued &&
    one.own === other.own &&
    one.state === other.state &&
    one.why === other.why &&
    isSameLine(one.line, other.line) &&
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

/** Whatever people wrote is text, never markup. */
function nodeOfPiece(piece) {
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
