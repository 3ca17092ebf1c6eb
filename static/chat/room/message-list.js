// The scrolling list of messages. A reader at the end follows it; a reader further up keeps the
// place while the list changes. The browser's own scroll anchoring is switched off, because not all
// have it. Each room has a list of its own, and only that of the shown room is attached to the page.

import { setChildren } from "./dom-updates.js";
import { MessageElements } from "./message-elements.js";
import { boxOf, placeAround, restorePlace, visibleMessages } from "./reader-place.js";

const END_DISTANCE = 48; // pixels within which the reader counts as being at the end
const READING_DISTANCE = 96; // pixels above the item that the reader is led to, which a pill takes
const SETTLE_TIME = 150; // ms after the last scroll until the place is noted

export class MessageList {
  isJumping = false; // to the end of the log, which has to be loaded first
  #atBottom = true;
  #isLive = true; // whether the list ends with the newest message
  #items = [];
  #tabStop = null; // the message that the Tab key leads to
  #scroller;
  #list;
  #elements;
  #onScroll;
  #attached = null; // ends the listening when the list is detached
  #observer = new ResizeObserver(() => this.#resized());
  #width;
  #range = 0; // pixels by which the list could be scrolled when the reader's place was noted
  #place = null; // where the reader was when the list last had its present layout
  #leftPlace = null; // where the reader was when another room was shown
  #settleTimer = null;

  constructor({ scroller, list, templates, formats, pathTo, onScroll }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#elements = new MessageElements(templates, formats, pathTo);
    this.#onScroll = onScroll;
  }

  /** Show this list on the page, where the reader left it. `show` then fills it. */
  attach() {
    this.#width = this.#scroller.clientWidth;
    this.#attached = new AbortController();
    const { signal } = this.#attached;
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { signal });
    this.#observer.observe(this.#scroller);
    this.#observer.observe(this.#list);
  }

  /** Make room for the list of another room, and remember where the reader was. */
  detach() {
    this.#leftPlace = this.#follows ? null : placeAround(this.#scroller, this.#list, this.#top);
    this.#attached.abort();
    this.#observer.disconnect();
    clearTimeout(this.#settleTimer);
    this.#settleTimer = null;
    this.setTabStop(null);
    this.#list.replaceChildren();
  }

  get atEnd() {
    return this.#atBottom && this.#isLive;
  }

  /** Show these items. `changeAround` changes what else is in the scrolled area. */
  show(items, { isLive, changeAround }) {
    this.#noticeScroll();
    const follows = this.#follows;
    const place = follows ? null : (this.#leftPlace ?? placeAround(this.#scroller, this.#list, this.#middle));
    this.#leftPlace = null;
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
    this.#range = this.#presentRange;
  }

  /** Bring the first item that is wanted to the top, and return its element, if there is one. */
  scrollToItem(isWanted) {
    const element = this.#list.children[this.#items.findIndex(isWanted)];
    if (!element) return undefined;
    this.#scroller.scrollTop += boxOf(element).top - this.#top - READING_DISTANCE;
    this.isJumping = false;
    this.#noteBottom();
    this.#settleSoon();
    return element;
  }

  /** Change the size of an element while the reader keeps the place. */
  resize(change) {
    const place = placeAround(this.#scroller, this.#list, this.#top);
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

  /** The item at the top of what the reader sees. A day stays there after it was scrolled past. */
  get topItem() {
    const top = this.#top;
    const { children } = this.#list;
    return this.#items.find(({ type }, at) => type !== "day" && boxOf(children[at]).bottom > top);
  }

  /** The line before the first unread message, where there is one. */
  get newDivider() {
    return this.#list.children[this.#items.findIndex(({ type }) => type === "new")] ?? null;
  }

  /** The elements of the gaps, and whether each is further down than what the reader looks at. */
  get gaps() {
    return [...this.#list.querySelectorAll("[data-gap]")];
  }

  isBelowReader(element) {
    return !this.atEnd && boxOf(element).top > this.#middle;
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

  #scrolled() {
    if (this.#scroller.clientWidth !== this.#width) return; // the column was resized
    if (this.#follows && this.#presentRange > this.#range) {
      // The text has grown since the scroll that is told now, so the end has moved away.
      this.scrollToEnd();
      return;
    }
    this.#noteBottom();
    if (!this.#atBottom) this.isJumping = false;
    this.#settleSoon();
    this.#onScroll();
  }

  /** Notice that the reader has left the end, of which the browser tells with the next frame. */
  #noticeScroll() {
    const isSameLayout = this.#scroller.clientWidth === this.#width && this.#presentRange <= this.#range;
    if (this.#follows && isSameLayout) this.#noteBottom();
  }

  #noteBottom() {
    this.#range = this.#presentRange;
    this.#atBottom = this.#range - this.#scroller.scrollTop < END_DISTANCE;
  }

  get #presentRange() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight;
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
      this.#place = this.#follows ? null : placeAround(this.#scroller, this.#list, this.#top);
      const newest = visibleMessages(this.#scroller, this.#list).at(-1)?.message;
      if (newest && !this.#list.contains(document.activeElement)) this.setTabStop(newest);
    }, SETTLE_TIME);
  }

  #restore(place) {
    restorePlace(this.#scroller, place);
    if (this.#scroller.clientWidth === this.#width) this.#noteBottom();
  }
}
