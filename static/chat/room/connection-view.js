// Shows whether the user can write: the state of the connection under the room's name, the banner
// with the button that leads back into the room, and what keeps the user from speaking.

import { describeConnection } from "../core/status-texts.js";
import { setText } from "./dom-updates.js";
import { RestraintView } from "./restraint-view.js";

const COUNTDOWN_INTERVAL = 500; // ms
const BAN_INTERVAL = 10_000; // ms until the page looks whether the ban has ended

export class ConnectionView {
  #find;
  #socket;
  #composer;
  #roomHead;
  #formats;
  #restraint;
  #countdown = null;

  /** `changed()` updates the page. */
  constructor({ find, chat, composer, roomHead, formats, clock, changed }) {
    this.#find = find;
    this.#socket = chat.socket;
    this.#composer = composer;
    this.#roomHead = roomHead;
    this.#formats = formats;
    this.#restraint = new RestraintView({ find, chat, composer, formats, clock, changed });
  }

  /** Whether the connection is closed until the user asks for a new one. */
  get hasEnded() {
    return this.#describe().tone === "ended";
  }

  update() {
    const { tone, label, seconds, banner, countdown, action } = this.#describe();
    const find = this.#find;
    find("status").dataset.tone = find("banner").dataset.tone = tone;
    setText(find("status-label"), label);
    setText(find("status-seconds"), seconds ? `in ${seconds} s` : "");
    setText(find("banner-text"), banner ?? "");
    setText(find("banner-countdown"), countdown ?? "");
    find("banner").hidden = !banner;
    for (const element of find("banner").querySelectorAll("[data-banner-action]")) {
      element.hidden = element.dataset.bannerAction !== action;
    }
    // Another room may be shown than that of the page.
    find("sign-in").search = new URLSearchParams({ next: location.pathname });
    const hadFocus = this.#composer.hasFocus;
    find("leave").disabled = tone === "ended";
    this.#composer.hidden = tone === "ended" || this.#roomHead.isClosed;
    if (hadFocus && tone === "ended") this.focusAction();
    this.#restraint.update();
    this.#continueCountdown();
  }

  /** Move the focus to the banner's button, since the element that had it is hidden. */
  focusAction() {
    this.#find("banner").querySelector("[data-banner-action]:not([hidden])")?.focus();
  }

  #describe() {
    const { moment } = this.#formats;
    const now = Date.now();
    return describeConnection(this.#socket.state, { online: navigator.onLine, now, moment });
  }

  #continueCountdown() {
    clearTimeout(this.#countdown);
    const { reason, endsAt } = this.#socket.state;
    if (!reason && !endsAt) return;
    this.#countdown = setTimeout(() => this.update(), reason ? COUNTDOWN_INTERVAL : BAN_INTERVAL);
  }
}
