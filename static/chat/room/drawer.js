// A panel at the side: a column beside the room, or on a narrow screen a drawer that covers it.

import { DrawerHistory } from "./closing.js";

export class Drawer {
  #panel;
  #role;
  #toggleButton;
  #closeButton;
  #backdrop;
  #isWide;
  #choice;
  #onChange;
  #isOpen = false;
  #history;

  /**
   * `name` is unique on the page, `isWide` the media query for the column, and `choice` the stored
   * value "open" or "closed"; without it the column is always open.
   */
  constructor({ name, panel, toggleButton, closeButton, backdrop, isWide, choice, onChange }) {
    this.#panel = panel;
    this.#role = panel.getAttribute("role");
    this.#toggleButton = toggleButton;
    this.#closeButton = closeButton;
    this.#backdrop = backdrop;
    this.#isWide = isWide;
    this.#choice = choice;
    this.#onChange = onChange;
    this.#history = new DrawerHistory(name, (open) => open !== this.isDrawer && this.#setOpen(open));
    toggleButton.addEventListener("click", () => this.toggle(!this.#isOpen));
    closeButton.addEventListener("click", () => this.toggle(false));
    backdrop.addEventListener("click", () => this.isDrawer && this.toggle(false));
    isWide.addEventListener("change", () => this.#adaptToWidth());
  }

  /** Begin, when what `onChange` needs is there. */
  start() {
    this.#adaptToWidth();
  }

  get isOpen() {
    return this.#isOpen;
  }

  get isDrawer() {
    return this.#isOpen && !this.#isWide.matches;
  }

  toggle(open) {
    if (this.#isWide.matches) {
      if (!this.#choice) return;
      this.#choice.write(open ? "open" : "closed");
    } else if (open) {
      this.#history.opened();
    } else {
      this.#history.closed();
    }
    this.#setOpen(open);
  }

  /** Close the panel where it covers the room. */
  close() {
    if (this.isDrawer) this.toggle(false);
  }

  /** Close the drawer because its entry in the history has become that of another room. */
  replaced() {
    if (this.isDrawer) this.#setOpen(false, { focus: false });
  }

  #adaptToWidth() {
    const isWide = this.#isWide.matches;
    this.#isOpen = isWide ? this.#choice?.read() !== "closed" : this.#history.hasEntry;
    if (isWide) this.#history.closed();
    this.#update();
    if (this.isDrawer) this.#closeButton.focus(); // the page was loaded anew
  }

  #setOpen(open, { focus = true } = {}) {
    const wasDrawer = this.isDrawer;
    this.#isOpen = open;
    this.#update();
    if (this.isDrawer) this.#closeButton.focus();
    else if (wasDrawer && focus) this.#toggleButton.focus();
  }

  #update() {
    const { isDrawer } = this;
    this.#panel.hidden = !this.#isOpen;
    this.#toggleButton.setAttribute("aria-expanded", this.#isOpen);
    this.#panel.toggleAttribute("data-drawer", isDrawer);
    this.#panel.setAttribute("role", isDrawer ? "dialog" : this.#role);
    this.#panel.ariaModal = isDrawer ? "true" : null;
    this.#coverOthers(isDrawer);
    this.#onChange();
  }

  #coverOthers(isDrawer) {
    const owner = this.#panel.id;
    // Another drawer may be the one that is open.
    if (!isDrawer && this.#backdrop.dataset.owner !== owner) return;
    this.#backdrop.dataset.owner = isDrawer ? owner : "";
    this.#backdrop.hidden = !isDrawer;
    for (const other of this.#panel.parentElement.children) {
      if (other !== this.#panel && other !== this.#backdrop) other.inert = isDrawer;
    }
  }
}
