// Who is here: a column beside the room, or a drawer over it where there is no place beside.

import { initialOf, tintOf } from "./person.js";

export class People {
  #panel;
  #button;
  #behind;
  #backdrop;
  #wide;
  #kept;
  #open;

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

  show(people, you) {
    const list = this.#panel.querySelector("[data-list]");
    const template = this.#panel.querySelector("template").content.firstElementChild;
    list.replaceChildren(...people.map((person) => filled(template.cloneNode(true), person, you)));
    for (const count of document.querySelectorAll("[data-count]")) {
      count.textContent = people.length || "";
    }
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
