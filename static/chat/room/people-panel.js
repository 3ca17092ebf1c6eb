// The list of the people of a room.

import { foundPeople, hueOf, initialsOf, isYou, sortedPeople } from "../core/people.js";
import { setChildren, setText } from "./dom-updates.js";
import { Drawer } from "./drawer.js";

const FILTERED_FROM = 20; // people; fewer can be seen at a glance
const DRAWN_AT_ONCE = 100; // people; scrolling to the end draws as many again

export class PeoplePanel {
  #panel;
  #find;
  #drawer;
  #people = [];
  #you = null;
  #drawn = DRAWN_AT_ONCE;
  #elements = new Map();
  #endObserver;

  /**
   * `isWide` is the media query for the column, `choice` the stored value "open" or "closed", and
   * `open(person)` shows somebody's card.
   */
  constructor({ panel, toggleButton, backdrop, isWide, choice, open }) {
    this.#panel = panel;
    this.#find = (name) => panel.querySelector(`[data-people-${name}]`);
    this.#endObserver = new IntersectionObserver(([{ isIntersecting }]) => {
      if (isIntersecting) this.#drawMore();
    });
    this.#drawer = new Drawer({
      name: "people",
      panel,
      toggleButton,
      closeButton: this.#find("close"),
      backdrop,
      isWide,
      choice,
      onChange: () => (this.#drawer.isOpen ? this.#showList() : this.#clearFilter()),
    });
    panel.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#find("list").addEventListener("click", ({ target }) => {
      const element = target.closest("li");
      const found = [...this.#elements.values()].find((shown) => shown.element === element);
      if (found) open(found.person);
    });
    this.#field.addEventListener("input", () => this.#filter());
    this.#drawer.start();
  }

  /** Show these people. While the panel is closed, only their number is visible. */
  show(people, you) {
    this.#people = people;
    this.#you = you;
    for (const count of document.querySelectorAll("[data-people-count]")) {
      setText(count, String(people.length || ""));
    }
    if (this.#drawer.isOpen) this.#showList();
  }

  get drawer() {
    return this.#drawer;
  }

  get #field() {
    return this.#find("filter").querySelector("input");
  }

  #keyPressed(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.#field.value) this.#clearFilter();
    else this.#drawer.toggle(false);
  }

  #clearFilter() {
    this.#field.value = "";
    this.#filter();
  }

  #filter() {
    this.#drawn = DRAWN_AT_ONCE;
    this.#find("scroller").scrollTop = 0;
    if (this.#drawer.isOpen) this.#showList();
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
      const element = this.#elements.get(key)?.element ?? template.cloneNode(true);
      fillPerson(element, person, this.#you);
      elements.set(key, { element, person });
    }
    this.#elements = elements;
    setChildren(this.#find("list"), [...elements.values()].map(({ element }) => element));
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
  element.dataset.online = person.online ?? true;
  setText(part("avatar"), initialsOf(person.name));
  setText(part("name"), person.name);
  setText(part("words"), person.online === false ? "not here at the moment" : "");
  part("badge").hidden = !person.guest;
  part("you").hidden = !isYou(person, you);
}
