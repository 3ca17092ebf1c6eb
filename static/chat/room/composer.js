// The form for writing messages: it grows with the text, keeps a draft and counts characters.

import { charactersLeft, isSendKey } from "../core/composing.js";
import { setText } from "./dom-updates.js";

const COUNT_FROM = 400; // characters left

export class Composer {
  #form;
  #field;
  #counter;
  #tooLong;
  #button;
  #draft;

  constructor({ form, draft, send }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#counter = form.querySelector("[data-characters-left]");
    this.#tooLong = form.querySelector("[data-too-long]");
    this.#button = form.querySelector("[data-send]");
    this.#draft = draft;
    this.text = draft.read() ?? "";

    this.#field.addEventListener("input", () => this.#update());
    this.#field.addEventListener("keydown", (event) => {
      if (!isSendKey(event)) return;
      event.preventDefault();
      form.requestSubmit();
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
    this.#update();
  }

  focus() {
    this.#field.focus();
  }

  get hasFocus() {
    return this.#form.contains(document.activeElement);
  }

  get hidden() {
    return this.#form.hidden;
  }

  set hidden(hidden) {
    this.#form.hidden = hidden;
  }

  get #left() {
    return charactersLeft(this.text, Number(this.#form.dataset.max));
  }

  #submit(send) {
    const text = this.text.trim();
    if (text && this.#left >= 0) {
      this.text = "";
      send(text);
    }
    this.focus();
  }

  #update() {
    this.#draft.write(this.text);
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
    const left = this.#left;
    const isTooLong = left < 0;
    const isCounted = left <= COUNT_FROM;
    this.#counter.hidden = !isCounted;
    this.#counter.dataset.exceeded = isTooLong;
    const count = isTooLong ? `${-left} too many` : `${left} left`;
    // A hidden counter still describes the field to screen readers, so it is emptied.
    this.#counter.textContent = isCounted ? count : "";
    this.#field.ariaInvalid = isTooLong ? "true" : null;
    setText(this.#tooLong, isTooLong ? "This is too long" : "");
    this.#button.disabled = isTooLong;
  }
}
