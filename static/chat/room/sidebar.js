// The list of rooms at the side: which ones have unread messages, and which one is shown.

import { countText, isUnread, mentionsOf, titleOf } from "../core/room-list.js";
import { setChildren, setText } from "./dom-updates.js";
import { Drawer } from "./drawer.js";
import { pathOf } from "./navigation.js";

export class Sidebar {
  #panel;
  #drawer;
  #sections;
  #dot;
  #shownId;
  #shownState; // of the list of rooms, as it was drawn
  #elements = new Map(); // the element of each room, by its id

  /** `go(room)` shows a room. */
  constructor({ panel, toggleButton, backdrop, isWide, go }) {
    this.#panel = panel;
    this.#sections = [...panel.querySelectorAll("[data-rooms]")];
    this.#dot = toggleButton.querySelector("[data-rooms-unread]");
    this.#drawer = new Drawer({
      name: "rooms",
      panel,
      toggleButton,
      closeButton: panel.querySelector("[data-sidebar-close]"),
      backdrop,
      isWide,
      onChange: () => {},
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.#drawer.isDrawer) return;
      event.preventDefault();
      this.#drawer.toggle(false);
    });
    panel.addEventListener("click", (event) => {
      const link = event.target.closest("[data-room-link]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go({ id: Number(link.dataset.roomLink), slug: link.dataset.slug });
    });
    this.#drawer.start();
  }

  get drawer() {
    return this.#drawer;
  }

  show(rooms, shown) {
    const state = `${rooms.revision} ${shown?.id}`;
    if (state === this.#shownState) return;
    this.#shownState = state;
    const sections = rooms.sections(shown?.id);
    const elements = new Map();
    this.#sections.forEach((section, index) => {
      const items = sections[index].map((room) => {
        const element = this.#elements.get(room.id) ?? this.#newElement();
        fill(element.firstElementChild, room, room.id === shown?.id);
        elements.set(room.id, element);
        return element;
      });
      section.hidden = !items.length;
      setChildren(section.querySelector("ul"), items);
    });
    this.#elements = elements;
    this.#reveal(shown?.id);
    this.#showDot(rooms, shown);
  }

  /** Scroll to the room that is shown, when that is another one than before. */
  #reveal(id) {
    if (id === this.#shownId) return;
    this.#shownId = id;
    this.#elements.get(id)?.scrollIntoView({ block: "nearest" });
  }

  #newElement() {
    return this.#panel.querySelector("template").content.firstElementChild.cloneNode(true);
  }

  /** The button that opens the drawer says whether other rooms have something unread. */
  #showDot(rooms, shown) {
    const others = rooms.all.filter(({ id }) => id !== shown?.id);
    const mentions = others.reduce((sum, room) => sum + mentionsOf(room), 0);
    this.#dot.hidden = !others.some(isUnread);
    const count = mentions ? countText(mentions) : "";
    setText(this.#dot.querySelector("[data-part=count]"), count);
    setText(this.#dot.querySelector("[data-part=words]"), mentions ? `${count} for you` : "some unread");
  }
}

function fill(link, room, isShown) {
  const part = (name) => link.querySelector(`[data-part="${name}"]`);
  const mentions = mentionsOf(room);
  link.href = pathOf(room.slug);
  Object.assign(link.dataset, {
    roomLink: room.id,
    slug: room.slug,
    kind: room.kind,
    unread: isUnread(room),
    muted: room.level === "nothing",
  });
  link.ariaCurrent = isShown ? "page" : null;
  setText(part("name"), titleOf(room));
  setText(part("count"), mentions ? countText(mentions) : "");
  part("count").hidden = !mentions;
  setText(part("words"), isUnread(room) ? wordsFor(room, mentions) : "");
}

function wordsFor({ kind, unread }, mentions) {
  if (mentions && kind !== "direct") return `${countText(mentions)} for you`;
  return `${countText(unread)} unread`;
}
