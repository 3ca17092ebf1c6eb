// The form for writing messages: it grows with the text, keeps a draft and counts characters.

import { cleaned, describeLength, isSendKey } from "../core/composing.js";
import { setText } from "./dom-updates.js";

export class Composer {
  #form;
  #field;
  #counter;
  #tooLong;
  #button;
  #draft;
  #limits;

  constructor({ form, draft, send }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#counter = form.querySelector("[data-characters-left]");
    this.#tooLong = form.querySelector("[data-too-long]");
    this.#button = form.querySelector("[data-send]");
    this.#draft = draft;
    this.#limits = { characters: Number(form.dataset.max), lines: Number(form.dataset.maxLines) };
    this.#restore(draft.read() ?? "");
    this.#button.disabled = false; // it is in the page, as long as nothing can be sent

    this.#field.addEventListener("input", () => this.#update());
    // Zoom, a turned phone and larger text change the height of what is written.
    new ResizeObserver(() => requestAnimationFrame(() => this.#fit())).observe(this.#field);
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

  /** Begin with the draft, and with what was written while the page loaded. */
  #restore(draft) {
    const isInDraft = draft.endsWith(this.text); // loading.js stored it
    const text = isInDraft ? draft : [draft, this.text].filter(Boolean).join("\n");
    // Writing the same text would move the caret.
    if (text !== this.text) this.text = text;
    else this.#update();
  }

  #submit(send) {
    const text = cleaned(this.text);
    const { problem } = describeLength(this.text, this.#limits);
    if (problem) {
      const { characters, lines } = this.#limits;
      const limits = `A message can have at most ${characters} characters and ${lines} lines`;
      setText(this.#tooLong, `${problem}. ${limits}.`);
    } else if (text) {
      this.text = "";
      send(text);
    }
    this.focus();
  }

  /** Make the field as high as its text. */
  #fit() {
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
  }

  #update() {
    this.#draft.write(this.text);
    this.#fit();
    const { note, problem } = describeLength(this.text, this.#limits);
    this.#counter.hidden = !note;
    this.#counter.dataset.exceeded = problem !== "";
    // A hidden counter still describes the field to screen readers, so it is emptied.
    this.#counter.textContent = note;
    this.#field.ariaInvalid = problem ? "true" : null;
    setText(this.#tooLong, problem);
    // The button can be pressed, and then gives the reason.
    this.#button.ariaDisabled = problem ? "true" : null;
  }
}
