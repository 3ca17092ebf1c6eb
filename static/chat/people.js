// Who is here: a column beside the room, or a drawer over it where there is no place beside.

import { arrange } from "./arrange.js";
import { initialOf, tintOf } from "./person.js";
import { setText } from "./set-text.js";

export class People {
  #panel;
  #button;
  #behind;
  #backdrop;
  #wide;
  #kept;
  #open;
  #people = [];
  #you = null;
  #nodes = new Map();

  constructor({ panel, button, behind, backdrop, back, wide, kept }) {
    this.#panel = panel;
    this.#button = button;
    this.#behind = behind;
    this.#backdrop = backdrop;
    this.#wide = wide;
    this.#kept = kept;
    button.addEventListener("click", () => this.#toggle(!this.#open));
    back.addEventListener("click", () => this.#toggle(false));
    backdrop.addEventListener("click", () => this.#toggle(false));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#toggle(false));
    wide.addEventListener("change", () => this.#place());
    this.#place();
  }

  /** While the list is out of sight only its length shows. */
  show(people, you) {
    this.#people = people;
    this.#you = you;
    for (const count of document.querySelectorAll("[data-count]")) {
      setText(count, String(people.length || ""));
    }
    if (this.#open) this.#list();
  }

  #list() {
    const before = this.#nodes;
    const template = this.#panel.querySelector("template").content.firstElementChild;
    const made = (person) => filled(template.cloneNode(true), person, this.#you);
    const keyed = this.#people.map((person) => [`${person.guest} ${person.name}`, person]);
    this.#nodes = new Map(keyed.map(([key, person]) => [key, before.get(key) ?? made(person)]));
    arrange(this.#panel.querySelector("[data-list]"), [...this.#nodes.values()]);
  }

  #place() {
    this.#open = this.#wide.matches && this.#kept.read() !== "closed";
    this.#draw();
  }

  #toggle(open) {
    const wasDrawer = this.#drawer;
    this.#open = open;
    if (this.#wide.matches) this.#kept.write(open ? "open" : "closed");
    this.#draw();
    if (this.#drawer) this.#panel.querySelector("[data-back]").focus();
    else if (wasDrawer) this.#button.focus();
  }

  get #drawer() {
    return this.#open && !this.#wide.matches;
  }

  #draw() {
    const drawer = this.#drawer;
    if (this.#open) this.#list();
    this.#panel.hidden = !this.#open;
    this.#backdrop.hidden = !drawer;
    this.#behind.inert = drawer;
    this.#button.setAttribute("aria-expanded", this.#open);
    this.#panel.toggleAttribute("data-drawer", drawer);
    this.#panel.setAttribute("role", drawer ? "dialog" : "complementary");
    this.#panel.ariaModal = drawer ? "true" : null;
  }
}

function filled(node, { name, guest }, you) {
  const part = (called) => node.querySelector(`[data-part="${called}"]`);
  part("avatar").textContent = initialOf(name);
  part("avatar").dataset.tint = tintOf(name);
  part("name").textContent = name;
  part("badge").hidden = !guest;
  part("you").hidden = guest || name !== you;
  return node;
}
