// The list of the people who are here: a column beside the room, or on a narrow screen a drawer
// that covers it.

import { hueOf, initialsOf } from "../core/avatar.js";
import { setChildren, setText } from "./dom-updates.js";

export class PeoplePanel {
  #panel;
  #toggleButton;
  #stage;
  #backdrop;
  #isWide;
  #choice;
  #isOpen;
  #people = [];
  #you = null;
  #elements = new Map();

  /** `isWide` is the media query for the column, `choice` the stored value "open" or "closed". */
  constructor({ panel, toggleButton, closeButton, stage, backdrop, isWide, choice }) {
    this.#panel = panel;
    this.#toggleButton = toggleButton;
    this.#stage = stage;
    this.#backdrop = backdrop;
    this.#isWide = isWide;
    this.#choice = choice;
    toggleButton.addEventListener("click", () => this.#toggle(!this.#isOpen));
    closeButton.addEventListener("click", () => this.#toggle(false));
    backdrop.addEventListener("click", () => this.#toggle(false));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.#toggle(false));
    isWide.addEventListener("change", () => this.#adaptToWidth());
    this.#adaptToWidth();
  }

  /** Show these people. While the panel is closed, only their number is visible. */
  show(people, you) {
    this.#people = people;
    this.#you = you;
    for (const count of document.querySelectorAll("[data-people-count]")) {
      setText(count, String(people.length || ""));
    }
    if (this.#isOpen) this.#showList();
  }

  get #isDrawer() {
    return this.#isOpen && !this.#isWide.matches;
  }

  #adaptToWidth() {
    this.#isOpen = this.#isWide.matches && this.#choice.read() !== "closed";
    this.#update();
  }

  #toggle(open) {
    const wasDrawer = this.#isDrawer;
    this.#isOpen = open;
    if (this.#isWide.matches) this.#choice.write(open ? "open" : "closed");
    this.#update();
    if (this.#isDrawer) this.#panel.querySelector("[data-people-close]").focus();
    else if (wasDrawer) this.#toggleButton.focus();
  }

  #update() {
    const isDrawer = this.#isDrawer;
    if (this.#isOpen) this.#showList();
    this.#panel.hidden = !this.#isOpen;
    this.#backdrop.hidden = !isDrawer;
    this.#stage.inert = isDrawer;
    this.#toggleButton.setAttribute("aria-expanded", this.#isOpen);
    this.#panel.toggleAttribute("data-drawer", isDrawer);
    this.#panel.setAttribute("role", isDrawer ? "dialog" : "complementary");
    this.#panel.ariaModal = isDrawer ? "true" : null;
  }

  #showList() {
    const template = this.#panel.querySelector("template").content.firstElementChild;
    const elements = new Map();
    for (const person of this.#people) {
      const key = `${person.guest} ${person.name}`;
      const shown = this.#elements.get(key);
      elements.set(key, shown ?? fillPerson(template.cloneNode(true), person, this.#you));
    }
    this.#elements = elements;
    setChildren(this.#panel.querySelector("[data-people-list]"), [...elements.values()]);
  }
}

function fillPerson(element, { name, guest }, you) {
  const part = (partName) => element.querySelector(`[data-part="${partName}"]`);
  element.style.setProperty("--hue", hueOf(name));
  part("avatar").textContent = initialsOf(name);
  part("name").textContent = name;
  part("badge").hidden = !guest;
  part("you").hidden = guest || name !== you;
  return element;
}
