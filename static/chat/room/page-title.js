// The title and the icon of the browser's tab. They show what is unread while another tab is used.

import { countText, titleOf } from "../core/room-list.js";

export class PageTitle {
  #site;
  #icon = document.querySelector("link[rel=icon]");
  #icons;

  /** `unreadIcon` is the address of the icon that shows that somebody wants something. */
  constructor({ site, unreadIcon }) {
    this.#site = site;
    this.#icons = { quiet: this.#icon.getAttribute("href"), unread: unreadIcon };
  }

  show(rooms, room) {
    if (!room) return;
    const { mentions, hasUnread } = rooms;
    const mark = mentions ? `(${countText(mentions)}) ` : hasUnread ? "• " : "";
    const title = `${mark}${titleOf(room)} · ${this.#site}`;
    if (document.title !== title) document.title = title;
    const icon = this.#icons[mentions ? "unread" : "quiet"];
    if (this.#icon.getAttribute("href") !== icon) this.#icon.setAttribute("href", icon);
  }
}
