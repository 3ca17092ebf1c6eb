// Commands of the user for a message that was said: answer, edit, remove, react, and pass on its link.

import { dayOf } from "../core/dates.js";
import { withoutMarks } from "../core/formatting.js";
import { hasReacted } from "../core/reactions.js";
import { openCalendar } from "./calendar.js";
import { copy } from "./clipboard.js";
import { openDialog } from "./dialogs.js";
import { openEmojiPicker } from "./emoji-picker.js";
import { openMessageMenu } from "./message-menu.js";
import { lastOwn, offeredFor } from "./message-rules.js";
import { Moderating } from "./moderating.js";
import { actionsOn } from "./moderation-rules.js";

const UNDO_TIME = 10_000; // ms for which the page offers to undo a removal
const UNDO_PAUSE = 1_000; // ms until the page looks again whether the button is still in use
const NOT_LOADED = "The emoji could not be loaded. Check the connection and try again.";

export class MessageCommands {
  #page;
  #moderating;

  /**
   * `page`: {chat, composer, flash, isStaff, editMinutes, emoji, goTo(seq), pathTo(seq), changed()}.
   * `emoji` is the address of emoji.json.
   */
  constructor(page) {
    this.#page = page;
    this.#moderating = new Moderating(page);
  }

  /** Open the menu of a message; `message` is its element. */
  menu(line, message) {
    openMessageMenu({
      line,
      message,
      you: this.#page.chat.you,
      offered: this.#offered(line),
      ask: () => this.#moderating.sanctionsOf(line.name),
      act: (name, ...values) => this[name](line, ...values),
    });
  }

  reply(line) {
    this.#page.composer.startReply({ ...line, text: withoutMarks(line) });
  }

  edit(line) {
    this.#page.composer.startEdit({ ...line, words: withoutMarks(line) });
  }

  /** Edit the last message of the user, if there is one that can be edited. */
  editLast() {
    const { chat } = this.#page;
    const line = lastOwn(chat.shown.log.lines, chat.you);
    if (line && this.#offered(line).edit) this.edit(line);
  }

  report({ name, seq }) {
    this.#moderating.report(name, seq);
  }

  /** Begin with a moderator's action on the author of a message. */
  moderate({ name }, action, places) {
    this.#moderating.begin(action, name, places);
  }

  /** Give a message its new text. One that the server refuses returns into the composer. */
  async saveEdit({ seq, name, before, words }, text) {
    const { composer, chat } = this.#page;
    const { shown } = chat;
    const problem = await this.#ask({ type: "edit", seq, text });
    if (problem && chat.shown === shown) composer.startEdit({ seq, name, text: before, words }, text);
  }

  /** Remove a message, if the user confirms it. For some seconds the page offers to undo it. */
  async remove({ seq }) {
    const { chat } = this.#page;
    const { undoable } = chat.shown;
    const isConfirmed = await confirmed();
    if (!isConfirmed || (await this.#ask({ type: "remove", seq }))) return;
    undoable.add(seq);
    this.#page.changed();
    setTimeout(() => this.#endUndo(undoable, seq), UNDO_TIME);
  }

  async restore({ seq }) {
    this.#page.chat.shown.undoable.delete(seq);
    await this.#ask({ type: "restore", seq });
  }

  /** Give a reaction, or take it back. */
  async react({ seq, reactions }, emoji) {
    const on = !hasReacted(reactions, emoji, this.#page.chat.you);
    await this.#ask({ type: "react", seq, emoji, on });
  }

  /** Choose a reaction among all emoji. The picker opens at an element. */
  async pick(line, at) {
    const { emoji: address, flash } = this.#page;
    const pick = (emoji) => this.react(line, emoji);
    await openEmojiPicker({ at, address, pick, fail: () => flash(NOT_LOADED) });
  }

  async copyLink({ seq }) {
    await this.#copy(location.origin + this.#page.pathTo(seq), "The link to the message is copied.");
  }

  /** Leave for the page with the versions of a message that the user has edited. */
  versions({ seq }) {
    location.assign(`${this.#page.pathTo(seq)}versions/`);
  }

  async copyText({ text }) {
    await this.#copy(text, "The text is copied.");
  }

  /** Open the calendar at the day of a moment. */
  calendar(at) {
    const { goTo, pathTo } = this.#page;
    openCalendar({ day: dayOf(at), address: `${pathTo()}day/`, go: goTo });
  }

  #offered(line) {
    const { chat, isStaff, editMinutes } = this.#page;
    const { you, room, rooms, shown } = chat;
    const { role } = shown.people.find(({ name, guest }) => name === line.name && guest === line.guest) ?? {};
    return {
      ...offeredFor(line, { you, room, isStaff, editMinutes, now: Date.now() }),
      moderate: actionsOn({ ...line, role }, { room, rooms, you }),
      places: this.#moderating.places,
    };
  }

  async #copy(text, done) {
    const { flash } = this.#page;
    if (await copy(text)) flash(done, "good");
    else flash("The browser does not allow this page to copy.");
  }

  /** The button stays while somebody points at it or has led the focus to it. */
  #endUndo(undoable, seq) {
    const button = document.querySelector(`[data-seq="${seq}"] [data-action="restore"]`);
    if (button?.matches(":hover, :focus")) {
      setTimeout(() => this.#endUndo(undoable, seq), UNDO_PAUSE);
      return;
    }
    undoable.delete(seq);
    this.#page.changed();
  }

  /** Ask the server. Shows and returns the reason for which it refuses, or returns "". */
  async #ask(frame) {
    const { chat, flash, changed } = this.#page;
    const answer = chat.changes.send({ ...frame, room: chat.shown.room });
    changed();
    const problem = await answer;
    if (problem) flash(problem);
    changed();
    return problem;
  }
}

/** Ask whether a message shall be removed. */
function confirmed() {
  return new Promise((resolve) => {
    let isConfirmed = false;
    const dialog = openDialog("remove", () => resolve(isConfirmed));
    dialog.querySelector("[data-part=remove]").addEventListener("click", () => {
      isConfirmed = true;
      dialog.close();
    });
  });
}
