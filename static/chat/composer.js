// Where one writes: it grows, keeps a draft, and sends on Enter.

import { setText } from "./set-text.js";

const WARN_AT = 400; // characters left

export class Composer {
  #form;
  #field;
  #counter;
  #tooLong;
  #button;
  #draft;
  #max;

  constructor({ form, draft, send }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#counter = form.querySelector("[data-counter]");
    this.#tooLong = form.querySelector("[data-too-long]");
    this.#button = form.querySelector("[data-send]");
    this.#max = Number(form.dataset.max);
    this.#draft = draft;
    this.text = draft.read() ?? "";

    this.#field.addEventListener("input", () => this.#written());
    this.#field.addEventListener("keydown", (event) => {
      if (sends(event)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(send);
    });
  }

  get text() {
    return this.#field.value;
  }

  set text(text) {
    this.#field.value = text;
    this.#written();
  }

  focus() {
    this.#field.focus();
  }

  get focused() {
    return this.#form.contains(document.activeElement);
  }

  set hidden(hidden) {
    this.#form.hidden = hidden;
  }

  #submit(send) {
    const text = this.text.trim();
    if (text && this.#left >= 0) {
      this.text = "";
      send(text);
    }
    this.focus();
  }

  /** How many more characters fit, counted as the server does: in code points. */
  get #left() {
    return this.#max - [...this.text.trim()].length;
  }

  #written() {
    this.#draft.write(this.text);
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
    const left = this.#left;
    const over = left < 0;
    this.#counter.hidden = left > WARN_AT;
    // What is hidden still describes the field.
    this.#counter.textContent =
      left > WARN_AT ? "" : over ? `${-left} too many` : `${left} left`;
    this.#counter.dataset.over = over;
    this.#field.ariaInvalid = over ? "true" : null;
    setText(this.#tooLong, over ? "This is too long" : "");
    this.#button.disabled = over;
  }
}

/** Enter sends; not with Shift, and not while an input method composes (229: in Safari). */
export function sends({ key, shiftKey, isComposing, keyCode }) {
  return key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
}
