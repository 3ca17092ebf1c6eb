// The scrolling list of messages. A reader at the end follows it; a reader further up keeps the
// place while the list changes. The browser's own scroll anchoring is switched off, because not all
// have it.

import { setChildren } from "./dom-updates.js";
import { MessageElements } from "./message-elements.js";

const END_DISTANCE = 48; // pixels within which the reader counts as being at the end
const SETTLE_TIME = 150; // ms after the last scroll until the place is noted
const SILENT_TIME = 1_000; // ms for which screen readers do not announce what was loaded
const PLACE_MESSAGES = 20; // the messages by which the place is found again

export class MessageList {
  isJumping = false; // to the end of the log, which has to be loaded first
  #atBottom = true;
  #isLive = true; // whether the list ends with the newest message
  #items = [];
  #tabStop = null; // the message that the Tab key leads to
  #scroller;
  #list;
  #elements;
  #width;
  #place = null; // where the reader was when the list last had its present layout
  #settleTimer = null;
  #silenceTimer = null;

  constructor({ scroller, list, templates, formats, onScroll }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#elements = new MessageElements(templates, formats);
    this.#width = scroller.clientWidth;
    scroller.addEventListener("scroll", () => {
      if (scroller.clientWidth !== this.#width) return; // the column was resized
      this.#noteBottom();
      if (!this.#atBottom) this.isJumping = false;
      this.#settleSoon();
      onScroll();
    });
    const observer = new ResizeObserver(() => this.#resized());
    observer.observe(scroller);
    observer.observe(list);
  }

  get atEnd() {
    return this.#atBottom && this.#isLive;
  }

  /** Show these items. `changeAround` changes what else is in the scrolled area. */
  show(items, { isLive, changeAround }) {
    const follows = this.#follows;
    const place = follows ? null : this.#placeAround(this.#middle);
    const hadFocus = this.#list.contains(document.activeElement);
    changeAround();
    this.#items = items;
    this.#isLive = isLive;
    setChildren(this.#list, this.#elements.update(items));
    if (follows) this.scrollToEnd();
    else this.#restore(place);
    if (hadFocus && document.activeElement === document.body) this.focus();
    // In a busy room a timer that starts again with every message would never end.
    if (this.#settleTimer === null) this.#settleSoon();
  }

  /** Go to the end. What the log has after it is loaded first; see `isJumping`. */
  scrollToEnd() {
    this.isJumping = !this.#isLive;
    this.#atBottom = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Change the size of an element while the reader keeps the place. */
  resize(change) {
    const place = this.#placeAround(this.#top);
    this.#atBottom = false;
    change();
    this.#restore(place);
  }

  /** Let the Tab key lead to this message, and from all others only the arrow keys. */
  setTabStop(message) {
    if (this.#tabStop) this.#tabStop.tabIndex = -1;
    this.#tabStop = message;
    if (message) message.tabIndex = 0;
  }

  focus() {
    this.#scroller.focus({ preventScroll: true });
  }

  /** The item at the top of what the reader sees. */
  get topItem() {
    const top = this.#top;
    const index = [...this.#list.children].findIndex((element) => boxOf(element).bottom > top);
    return this.#items[index];
  }

  /** The elements of the gaps, and whether each is further down than what the reader looks at. */
  get gaps() {
    return [...this.#list.querySelectorAll("[data-gap]")];
  }

  isBelowReader(element) {
    return !this.atEnd && boxOf(element).top > this.#middle;
  }

  /** Keep screen readers from announcing the messages that are shown next: they are old. */
  silence() {
    this.#scroller.setAttribute("aria-live", "off");
    clearTimeout(this.#silenceTimer);
    const announce = () => this.#scroller.setAttribute("aria-live", "polite");
    this.#silenceTimer = setTimeout(announce, SILENT_TIME);
  }

  get #follows() {
    return this.#atBottom && (this.#isLive || this.isJumping);
  }

  get #top() {
    return boxOf(this.#scroller).top;
  }

  get #middle() {
    return this.#top + this.#scroller.clientHeight / 2;
  }

  #noteBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#atBottom = scrollHeight - scrollTop - clientHeight < END_DISTANCE;
  }

  /** Elements have other heights in a column of another width, or in another layout. */
  #resized() {
    const isOtherWidth = this.#scroller.clientWidth !== this.#width;
    const isSamePosition = this.#scroller.scrollTop === this.#place?.position;
    this.#width = this.#scroller.clientWidth;
    if (this.#follows) this.scrollToEnd();
    else if (this.#place && (isOtherWidth || isSamePosition)) this.#restore(this.#place);
  }

  #settleSoon() {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = null;
      this.#place = this.#follows ? null : this.#placeAround(this.#top);
      const newest = this.#visibleMessages.at(-1)?.message;
      if (newest && !this.#list.contains(document.activeElement)) this.setTabStop(newest);
    }, SETTLE_TIME);
  }

  get #visibleMessages() {
    const bottom = this.#top + this.#scroller.clientHeight;
    return [...this.#list.querySelectorAll("[data-id]")]
      .map((message) => ({ message, box: boxOf(message) }))
      .filter(({ box }) => box.bottom > this.#top && box.top < bottom);
  }

  /** The positions of visible messages, those next to a height first. Other items come and go. */
  #placeAround(height) {
    const distance = (box) => Math.max(box.top - height, height - box.bottom, 0);
    const visible = this.#visibleMessages
      .sort((one, other) => distance(one.box) - distance(other.box))
      .slice(0, PLACE_MESSAGES);
    return {
      tops: visible.map(({ message, box }) => [message, box.top]),
      position: this.#scroller.scrollTop,
      fromEnd: this.#scroller.scrollHeight - this.#scroller.scrollTop,
    };
  }

  #restore({ tops, fromEnd }) {
    const [message, top] = tops.find(([one]) => one.isConnected) ?? [];
    const moved = message
      ? boxOf(message).top - top
      : this.#scroller.scrollHeight - fromEnd - this.#scroller.scrollTop;
    if (moved) this.#scroller.scrollTop += moved;
    if (this.#scroller.clientWidth === this.#width) this.#noteBottom();
  }
}

const boxOf = (element) => element.getBoundingClientRect();
