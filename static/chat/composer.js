// Where one writes: it grows, keeps a draft, and sends on Enter.

const WARN_AT = 400; // characters left

export class Composer {
  #form;
  #field;
  #counter;
  #button;
  #draft;
  #max;

  constructor({ form, draft, send }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#counter = form.querySelector("[data-counter]");
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
    this.#counter.hidden = left > WARN_AT;
    this.#counter.textContent = left < 0 ? `${-left} too many` : `${left} left`;
    this.#counter.dataset.over = left < 0;
    this.#button.disabled = left < 0;
  }
}

/** Enter sends; not with Shift, and not while an input method composes (229: in Safari). */
export function sends({ key, shiftKey, isComposing, keyCode }) {
  return key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
}
