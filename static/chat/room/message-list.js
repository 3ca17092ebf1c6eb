// The scrolling list of messages. A reader at the end follows it; a reader further up keeps the
// place while the list changes.

import { setChildren } from "./dom-updates.js";
import { MessageElements } from "./message-elements.js";

const END_DISTANCE = 48; // pixels within which the reader counts as being at the end
const SETTLE_TIME = 150; // ms after the last scroll until the place is noted
const SILENT_TIME = 1_000; // ms for which screen readers do not announce what was loaded
const PLACE_MESSAGES = 20; // the messages by which the place is found again

export class MessageList {
  atEnd = true;
  #scroller;
  #list;
  #elements;
  #width;
  #place = null; // where the reader was when the column last had its present width
  #settleTimer = null;
  #silenceTimer = null;

  constructor({ scroller, list, templates, formats, onScroll }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#elements = new MessageElements(templates, formats);
    this.#width = scroller.clientWidth;
    scroller.addEventListener("scroll", () => {
      if (scroller.clientWidth !== this.#width) return; // the column was resized
      const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      this.atEnd = below < END_DISTANCE;
      this.#notePlaceSoon();
      onScroll();
    });
    const observer = new ResizeObserver(() => this.#resized());
    observer.observe(scroller);
    observer.observe(list);
  }

  /** Show these items. `changeAround` changes what else is in the scrolled area. */
  show(items, changeAround) {
    const place = this.atEnd ? null : this.#currentPlace();
    changeAround();
    setChildren(this.#list, this.#elements.update(items));
    if (place) this.#restore(place);
    else this.scrollToEnd();
    // In a busy room a timer that starts again with every message would never end.
    if (this.#settleTimer === null) this.#notePlaceSoon();
  }

  scrollToEnd() {
    this.atEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Keep screen readers from announcing the messages that are shown next: they are old. */
  silence() {
    this.#scroller.setAttribute("aria-live", "off");
    clearTimeout(this.#silenceTimer);
    const announce = () => this.#scroller.setAttribute("aria-live", "polite");
    this.#silenceTimer = setTimeout(announce, SILENT_TIME);
  }

  /** Elements have other heights in a column of another width. */
  #resized() {
    const isOtherWidth = this.#scroller.clientWidth !== this.#width;
    this.#width = this.#scroller.clientWidth;
    if (this.atEnd) this.scrollToEnd();
    else if (isOtherWidth && this.#place) this.#restore(this.#place);
  }

  #notePlaceSoon() {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = null;
      this.#place = this.atEnd ? null : this.#currentPlace();
    }, SETTLE_TIME);
  }

  /** The positions of visible messages. Other items do not count: they come and go. */
  #currentPlace() {
    const topOf = (element) => element.getBoundingClientRect().top;
    const top = topOf(this.#scroller);
    const visible = [...this.#list.querySelectorAll("[data-id]")]
      .filter((message) => message.getBoundingClientRect().bottom > top)
      .slice(0, PLACE_MESSAGES);
    return {
      tops: visible.map((message) => [message, topOf(message)]),
      fromEnd: this.#scroller.scrollHeight - this.#scroller.scrollTop,
    };
  }

  #restore({ tops, fromEnd }) {
    const [message, top] = tops.find(([one]) => one.isConnected) ?? [];
    if (message) this.#scroller.scrollTop += message.getBoundingClientRect().top - top;
    else this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
  }
}
