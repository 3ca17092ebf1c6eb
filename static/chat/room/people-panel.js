// The list of the people who are here: a column beside the room, or on a narrow screen a drawer
// that covers it.

import { foundPeople, hueOf, initialsOf, isYou, sortedPeople } from "../core/people.js";
import { DrawerHistory } from "./closing.js";
import { setChildren, setText } from "./dom-updates.js";

const FILTERED_FROM = 20; // people; fewer can be seen at a glance
const DRAWN_AT_ONCE = 100; // people; scrolling to the end draws as many again

export class PeoplePanel {
  #panel;
  #find;
  #toggleButton;
  #stage;
  #backdrop;
  #isWide;
  #choice;
  #isOpen;
  #people = [];
  #you = null;
  #drawn = DRAWN_AT_ONCE;
  #elements = new Map();
  #history = new DrawerHistory((open) => open !== this.#isDrawer && this.#setOpen(open));
  #endObserver;

  /** `isWide` is the media query for the column, `choice` the stored value "open" or "closed". */
  constructor({ panel, toggleButton, stage, backdrop, isWide, choice }) {
    this.#panel = panel;
    this.#find = (name) => panel.querySelector(`[data-people-${name}]`);
    this.#toggleButton = toggleButton;
    this.#stage = stage;
    this.#backdrop = backdrop;
    this.#isWide = isWide;
    this.#choice = choice;
    toggleButton.addEventListener("click", () => this.#toggle(!this.#isOpen));
    this.#find("close").addEventListener("click", () => this.#toggle(false));
    backdrop.addEventListener("click", () => this.#toggle(false));
    panel.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#field.addEventListener("input", () => this.#filter());
    this.#endObserver = new IntersectionObserver(([{ isIntersecting }]) => {
      if (isIntersecting) this.#drawMore();
    });
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

  get #field() {
    return this.#find("filter").querySelector("input");
  }

  get #isDrawer() {
    return this.#isOpen && !this.#isWide.matches;
  }

  #adaptToWidth() {
    const isWide = this.#isWide.matches;
    this.#isOpen = isWide ? this.#choice.read() !== "closed" : this.#history.hasEntry;
    if (isWide) this.#history.closed();
    this.#update();
    if (this.#isDrawer) this.#find("close").focus(); // the page was loaded anew
  }

  #toggle(open) {
    if (this.#isWide.matches) this.#choice.write(open ? "open" : "closed");
    else if (open) this.#history.opened();
    else this.#history.closed();
    this.#setOpen(open);
  }

  #setOpen(open) {
    const wasDrawer = this.#isDrawer;
    this.#isOpen = open;
    this.#update();
    if (this.#isDrawer) this.#find("close").focus();
    else if (wasDrawer) this.#toggleButton.focus();
  }

  #keyPressed({ key }) {
    if (key !== "Escape") return;
    if (this.#field.value) this.#clearFilter();
    else this.#toggle(false);
  }

  #update() {
    const isDrawer = this.#isDrawer;
    if (this.#isOpen) this.#showList();
    else this.#clearFilter();
    this.#panel.hidden = !this.#isOpen;
    this.#backdrop.hidden = !isDrawer;
    this.#stage.inert = isDrawer;
    this.#toggleButton.setAttribute("aria-expanded", this.#isOpen);
    this.#panel.toggleAttribute("data-drawer", isDrawer);
    this.#panel.setAttribute("role", isDrawer ? "dialog" : "complementary");
    this.#panel.ariaModal = isDrawer ? "true" : null;
  }

  #clearFilter() {
    this.#field.value = "";
    this.#filter();
  }

  #filter() {
    this.#drawn = DRAWN_AT_ONCE;
    this.#find("scroller").scrollTop = 0;
    if (this.#isOpen) this.#showList();
  }

  #drawMore() {
    this.#drawn += DRAWN_AT_ONCE;
    this.#showList();
  }

  #showList() {
    const isLong = this.#people.length > FILTERED_FROM;
    // A filter that was typed is kept when people leave, so that the list does not change under it.
    this.#find("filter").hidden = !isLong && !this.#field.value;
    const found = foundPeople(this.#people, this.#field.value);
    const people = sortedPeople(found, this.#you).slice(0, this.#drawn);
    this.#draw(people);
    const isFiltered = this.#field.value.trim() !== "";
    setText(this.#find("found"), isFiltered ? `${found.length} of ${this.#people.length}` : "");
    this.#showRest(found.length - people.length);
  }

  #draw(people) {
    const template = this.#panel.querySelector("template").content.firstElementChild;
    const elements = new Map();
    for (const person of people) {
      const key = `${person.guest} ${person.name}`;
      const shown = this.#elements.get(key);
      elements.set(key, shown ?? fillPerson(template.cloneNode(true), person, this.#you));
    }
    this.#elements = elements;
    setChildren(this.#find("list"), [...elements.values()]);
  }

  /** Observers report changes only, so the end is observed anew after each drawing. */
  #showRest(count) {
    const rest = this.#find("rest");
    rest.hidden = count === 0;
    setText(rest, count ? `and ${count} more` : "");
    this.#endObserver.disconnect();
    if (count) this.#endObserver.observe(rest);
  }
}

function fillPerson(element, person, you) {
  const part = (partName) => element.querySelector(`[data-part="${partName}"]`);
  element.style.setProperty("--hue", hueOf(person.name));
  part("avatar").textContent = initialsOf(person.name);
  part("name").textContent = person.name;
  part("badge").hidden = !person.guest;
  part("you").hidden = !isYou(person, you);
  return element;
}
