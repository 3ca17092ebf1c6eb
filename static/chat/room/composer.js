// The form for writing messages: it grows with the text, keeps a draft for each room, and counts
// characters. It also takes the new text of a message that is edited.

import {
  cleaned,
  describeLength,
  isCommand,
  isPlainKey,
  isSendKey,
  withoutEscape,
} from "../core/composing.js";
import { firstWords } from "../core/message-changes.js";
import { setText } from "./dom-updates.js";
import { replaceText } from "./undoable.js";

const SLOW = "This room is in slow mode. Your text is kept: send it when the time is over.";

export class Composer {
  #form;
  #field;
  #part;
  #draft;
  #limits;
  #wait = ""; // the time that is left in slow mode until the next message
  #attaching;
  #actions;

  /**
   * `attaching` has the files. `actions`: {send, run, edit, remove, editLast}. `send(text, {files,
   * reply})` says a text. `run(text)` runs a command, which begins with a slash, and returns a promise
   * of the reason why it could not be done, or of "". `edit(message, text)` and `remove(message)` change
   * a message, and `editLast()` begins with the user's last one.
   */
  constructor({ form, draft, attaching, ...actions }) {
    this.#form = form;
    this.#attaching = attaching;
    this.#field = form.querySelector("textarea");
    this.#part = (name) => form.querySelector(`[data-${name}]`);
    this.#draft = draft;
    this.#actions = actions;
    this.#limits = { characters: Number(form.dataset.max), lines: Number(form.dataset.maxLines) };
    this.#restore();
    this.#part("send").disabled = false; // it is disabled until something can be sent

    this.#field.addEventListener("input", () => this.#update());
    // Zoom, a turned phone and larger text change the height of what is written.
    new ResizeObserver(() => requestAnimationFrame(() => this.#fit())).observe(this.#field);
    form.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#part("context-leave").addEventListener("click", () => this.#leave());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  get text() {
    return this.#field.value;
  }

  set text(text) {
    this.#field.value = text;
    this.#update();
  }

  /** Go on with the draft of another room. */
  switchTo(draft) {
    this.#draft = draft;
    this.#show();
    this.#attaching.switchRoom();
  }

  /** Answer a message with what is being written. */
  startReply(message) {
    this.#draft.startReply(message);
    this.#show();
    this.focus();
  }

  /** Edit a message. What was being written stays in the draft until then. */
  startEdit(message, text = message.text) {
    this.#draft.startEdit(message);
    this.#draft.text = text;
    this.#show();
    this.focus();
  }

  /** Put a text where the caret is. */
  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.#field;
    const isInWord = start > 0 && !/\s/.test(value[start - 1]);
    replaceText(this.#field, start, end, isInWord ? ` ${text}` : text);
  }

  focus() {
    this.#field.focus();
  }

  get field() {
    return this.#field;
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

  /**
   * Take no text while the user may not speak here (`closed`), or no message while some time of slow
   * mode is left. What is written stays.
   */
  restrain({ closed, left }) {
    if (this.#field.readOnly !== closed) {
      this.#form.toggleAttribute("data-closed", closed);
      this.#field.readOnly = closed;
      for (const button of this.#form.querySelectorAll("[data-send], [data-attach]")) {
        button.disabled = closed;
      }
    }
    if (this.#wait === left) return;
    this.#wait = left;
    this.#labelSend();
    if (!left) setText(this.#part("too-long"), "");
  }

  #labelSend() {
    const isEdit = Boolean(this.#draft.edit);
    setText(this.#part("send"), isEdit ? "Save" : this.#wait ? `Wait ${this.#wait}` : "Send");
  }

  /** Begin with the draft, and with what was written while the page loaded. */
  #restore() {
    const early = this.text;
    if (early && this.#draft.edit) this.#draft.leave();
    const { text } = this.#draft;
    const isInDraft = text.endsWith(early); // loading.js stored it
    this.#draft.text = isInDraft ? text : [text, early].filter(Boolean).join("\n");
    this.#show();
  }

  #keyPressed(event) {
    const { edit, reply } = this.#draft;
    if (isPlainKey(event, "Escape") && (edit || reply)) {
      event.preventDefault(); // it does nothing else
      this.#leave();
    }
    if (event.target !== this.#field) return;
    if (isSendKey(event)) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (isPlainKey(event, "ArrowUp") && !this.text && !edit && !reply) {
      void this.#actions.editLast();
    }
  }

  async #submit() {
    if (this.#field.readOnly) return;
    const text = cleaned(this.text);
    const { edit, reply } = this.#draft;
    const { problem } = describeLength(this.text, this.#limits);
    if (problem) {
      const { characters, lines } = this.#limits;
      const limits = `A message can have at most ${characters} characters and ${lines} lines`;
      setText(this.#part("too-long"), `${problem}. ${limits}.`);
    } else if (edit) {
      this.#leave();
      if (text === edit.before) return;
      if (text) this.#actions.edit(edit, text);
      else this.#actions.remove(edit);
    } else if (isCommand(text)) {
      await this.#run(text);
    } else if (this.#wait) {
      setText(this.#part("too-long"), SLOW);
    } else if (text || this.#attaching.count) {
      this.#send(text, reply);
    }
    this.focus();
  }

  #send(text, reply) {
    const tell = (reason) => setText(this.#part("too-long"), reason);
    const reason = this.#attaching.wait(() => this.#form.requestSubmit(), () => tell(""));
    tell(reason);
    if (reason) return;
    this.#draft.clear();
    this.#show();
    this.#actions.send(withoutEscape(text), { files: this.#attaching.take(), reply });
  }

  /** Run a command. One that could not be done stays in the field. */
  async #run(text) {
    const written = this.text;
    this.text = "";
    const problem = await this.#actions.run(text);
    if (!problem) return;
    this.text = [written, this.text].filter(Boolean).join("\n");
    setText(this.#part("too-long"), problem);
  }

  #leave() {
    this.#draft.leave();
    this.#show();
    this.focus();
  }

  /** Show the draft. */
  #show() {
    const { text, edit, reply } = this.#draft;
    const message = edit ?? reply;
    this.#part("context").hidden = !message;
    setText(this.#part("context-what"), edit ? "Editing" : reply ? `Replying to ${reply.name}` : "");
    setText(this.#part("context-words"), message ? firstWords(edit?.words ?? message.text) : "");
    this.#labelSend();
    if (text !== this.text) this.#field.value = text; // the same text would move the caret
    this.#update();
  }

  /** Make the field as high as its text. */
  #fit() {
    // The form around the field keeps its height while the text is measured. Otherwise the log
    // would grow for a moment, and the browser would scroll it away from its end.
    const around = this.#field.parentElement;
    around.style.minBlockSize = `${around.offsetHeight}px`;
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
    around.style.minBlockSize = "";
  }

  #update() {
    this.#draft.text = this.text;
    this.#fit();
    const { note, problem } = describeLength(this.text, this.#limits);
    const counter = this.#part("characters-left");
    counter.hidden = !note;
    counter.dataset.exceeded = problem !== "";
    // A hidden counter still describes the field to screen readers, so it is emptied.
    counter.textContent = note;
    this.#field.ariaInvalid = problem ? "true" : null;
    setText(this.#part("too-long"), problem);
    // The button can be pressed, and then gives the reason.
    this.#part("send").ariaDisabled = problem ? "true" : null;
  }
}
