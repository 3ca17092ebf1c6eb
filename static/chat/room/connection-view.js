// Shows the state of the connection: the status under the room's name, and the banner with the
// button that leads back into the room.

import { describeConnection } from "../core/status-texts.js";
import { setText } from "./dom-updates.js";

const COUNTDOWN_INTERVAL = 500; // ms

export class ConnectionView {
  #find;
  #socket;
  #composer;
  #roomHead;
  #countdown = null;

  constructor({ find, socket, composer, roomHead }) {
    this.#find = find;
    this.#socket = socket;
    this.#composer = composer;
    this.#roomHead = roomHead;
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
    this.#continueCountdown();
  }

  /** Move the focus to the banner's button, since the element that had it is hidden. */
  focusAction() {
    this.#find("banner").querySelector("[data-banner-action]:not([hidden])").focus();
  }

  #describe() {
    return describeConnection(this.#socket.state, { online: navigator.onLine, now: Date.now() });
  }

  #continueCountdown() {
    clearTimeout(this.#countdown);
    if (!this.#socket.state.reason) return;
    this.#countdown = setTimeout(() => this.update(), COUNTDOWN_INTERVAL);
  }
}
