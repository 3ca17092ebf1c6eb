// The text about the room that is shown, besides its messages: its name and topic, its menu, and the
// reason for which the user cannot write there.

import { titleOf } from "../core/room-list.js";
import { setText } from "./dom-updates.js";
import { pathOf, searchPathIn } from "./navigation.js";
import { RoomRules } from "./room-rules.js";

const VISITING = "You are not a member of this room. Writing here makes you one.";
const ASKING = "You are not a member of this room. Its moderators decide who may join.";
const ASKED = "You have asked to join. The moderators will decide.";

export class RoomHead {
  #find;
  #chat;
  #rules;
  #changing = []; // the ids of rooms of which a change has no answer yet
  #choicesOf = null; // the id of the room whose choices are shown

  /**
   * `flash(text)` shows why something that the user asked for was refused, and `changed()` updates
   * the page.
   */
  constructor({ find, chat, flash, changed }) {
    this.#find = find;
    this.#chat = chat;
    const ask = (fields, expected) => this.#ask(fields, flash, expected);
    this.#rules = new RoomRules(find("room-rules"), ask);
    find("join").addEventListener("click", () => this.#join(flash));
    find("leave-room").addEventListener("click", () => {
      find("room-menu").open = false;
      ask({ type: "part" });
    });
    find("favourite").addEventListener("change", ({ target: { checked } }) => {
      ask({ type: "favourite", on: checked });
    });
    find("mark-unread").addEventListener("click", () => {
      find("room-menu").open = false;
      chat.unread.markUnread(chat.shown, chat.you);
      changed();
    });
    find("levels").addEventListener("change", ({ target: { value } }) => {
      ask({ type: "level", level: value });
    });
  }

  update() {
    const find = this.#find;
    const { room } = this.#chat;
    const isLobby = this.#chat.shown === this.#chat.lobby;
    for (const hint of find("empty").querySelectorAll("[data-lobby]")) hint.hidden = !isLobby;
    find("room-menu").hidden = !room;
    if (!room) return;
    const { slug, kind, topic, role, archived } = room;
    setText(find("title"), titleOf(room));
    for (const element of [find("topic"), find("whole-topic")]) {
      setText(element, topic);
      element.hidden = !topic;
    }
    find("topic").title = topic;
    for (const link of find("stage").querySelectorAll("[data-search]")) {
      link.href = searchPathIn(slug);
    }
    find("settings").href = `${pathOf(slug)}settings/`;
    find("settings").hidden = kind === "direct";
    find("leave-room").hidden = isLobby || !role;
    setText(find("leave-room"), kind === "direct" ? "Hide this conversation" : "Leave the room");
    for (const name of ["favourite-choice", "levels", "mark-unread"]) find(name).hidden = !role;
    this.#showChoices(room);
    find("archived").hidden = !archived;
    find("invitation").hidden = archived;
    find("visit").hidden = Boolean(role) || archived || kind !== "open";
    this.#updateVisit(room);
  }

  /** Show the choices that the server knows. One that was just made stays until it has answered. */
  #showChoices(room) {
    const { id, favourite, level } = room;
    if (id === this.#choicesOf && this.#changing.includes(id)) return;
    this.#choicesOf = id;
    this.#find("favourite").checked = Boolean(favourite);
    for (const input of this.#find("levels").querySelectorAll("input")) {
      input.checked = input.value === level;
    }
    this.#rules.update(room);
  }

  #updateVisit({ slug, by_request: byRequest, asked: hasAsked }) {
    const find = this.#find;
    const asked = byRequest && hasAsked;
    const otherwise = byRequest ? ASKING : VISITING;
    setText(find("visit-text"), asked ? ASKED : otherwise);
    setText(find("join"), byRequest ? "Ask to join" : "Join");
    find("join").hidden = asked;
    find("withdraw").hidden = !asked;
    find("withdraw").action = `${pathOf(slug)}join/withdraw/`;
  }

  /** Whether nobody can write in the room. */
  get isClosed() {
    return Boolean(this.#chat.room?.archived);
  }

  /** Join the room, or ask its moderators. Then the button that takes this back has the focus. */
  async #join(flash) {
    const { id } = this.#chat.room;
    const { problem, code } = await this.#chat.requests.send({ type: "join", room: id });
    const isAsked = code === "ask_first";
    if (problem && !isAsked) flash(problem);
    if (isAsked) this.#chat.rooms.update({ id, asked: true });
    this.update();
    if (isAsked && this.#chat.room?.id === id) this.#find("withdraw").elements.withdraw.focus();
  }

  async #ask(fields, flash, expected = null) {
    const { id } = this.#chat.room;
    this.#changing.push(id);
    const { problem } = await this.#chat.requests.send({ ...fields, room: id });
    this.#changing.splice(this.#changing.indexOf(id), 1);
    if (problem) flash(problem);
    else if (expected) this.#chat.rooms.update({ id, ...expected });
    this.update(); // a choice that was refused is shown as it was before
  }
}
