// Other ways to close the menu and the drawer than their own buttons.

/** Let Escape close a menu, which is a <details>, and whatever leads out of it. */
export function closeOnLeaving(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault(); // it closes nothing else
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
}

/**
 * The entry that an open drawer has in the browser's history, so that Back closes the drawer and
 * does not leave the page. On a phone, Back is the usual way out of what covers the screen.
 */
export class DrawerHistory {
  static #isLeaving = false; // whether the browser has yet to leave the entry of a closed drawer
  #name;
  #isReopened = false; // meanwhile, so that the drawer needs a new entry then

  /** `onChange` is called when Back has closed the drawer, or Forward has opened it. */
  constructor(name, onChange) {
    this.#name = name;
    addEventListener("popstate", () => {
      DrawerHistory.#isLeaving = false;
      if (this.#isReopened) this.opened();
      this.#isReopened = false;
      onChange(this.hasEntry);
    });
  }

  get hasEntry() {
    return history.state?.drawer === this.#name;
  }

  opened() {
    if (DrawerHistory.#isLeaving) this.#isReopened = true;
    else if (!this.hasEntry) history.pushState({ drawer: this.#name }, "");
  }

  closed() {
    this.#isReopened = false;
    if (!this.hasEntry || DrawerHistory.#isLeaving) return;
    DrawerHistory.#isLeaving = true;
    history.back();
  }
}
