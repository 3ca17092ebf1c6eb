// The choices about notifications in the account menu. They are kept in the browser, which is asked
// for its permission when somebody chooses notifications, never before.

import { storageNamed, storedValue } from "../core/stored-value.js";
import { choose, Notices } from "./notices.js";

const REFUSED = "The browser does not allow notifications of this site. Its settings can change that.";

export class NoticeChoices {
  #form;
  #stored;
  #notices;

  /**
   * `key` is where the choices are stored. `open(room)` shows a room, and `flash(text)` explains
   * what could not be done.
   */
  constructor({ form, account, key, open, flash }) {
    this.#form = form;
    this.#notices = new Notices({ account, open });
    this.#stored = storedValue(storageNamed("localStorage"), key);
    form.addEventListener("change", ({ target }) => this.#choose(target, flash));
    addEventListener("storage", () => this.#show());
    this.#show();
    form.querySelector("fieldset").disabled = false; // it is disabled until somebody listens
  }

  /** Tell the user of one of the messages. */
  tell(room, lines, you) {
    const { desktop, sound, quiet } = this.#chosen;
    if (!room || quiet || !(desktop || sound)) return;
    const line = choose(room, lines, you);
    if (line) void this.#notices.tell(room, line, { you, desktop, sound });
  }

  get #chosen() {
    return this.#stored.read() ?? {};
  }

  async #choose({ name, checked }, flash) {
    let isChosen = checked;
    if (name === "desktop" && checked) {
      const permission = await globalThis.Notification?.requestPermission();
      isChosen = permission === "granted";
      if (!isChosen) flash(REFUSED);
    }
    this.#stored.write({ ...this.#chosen, [name]: isChosen });
    this.#show();
  }

  #show() {
    const chosen = this.#chosen;
    for (const input of this.#form.querySelectorAll("input")) {
      input.checked = Boolean(chosen[input.name]);
    }
  }
}
