// Other ways to close the menu and the drawer than their own buttons.

/** Let Escape close a menu, which is a <details>, and whatever leads out of it. */
export function closeOnLeaving(menu) {
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
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
  #onChange;

  /** `onChange` is called when Back has closed the drawer, or Forward has opened it. */
  constructor(onChange) {
    this.#onChange = onChange;
    addEventListener("popstate", () => this.#onChange(this.hasEntry));
  }

  get hasEntry() {
    return history.state?.drawer === true;
  }

  opened() {
    if (!this.hasEntry) history.pushState({ drawer: true }, "");
  }

  closed() {
    if (this.hasEntry) history.back();
  }
}
