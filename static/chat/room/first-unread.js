// The button that leads up to the first unread message, while that is further up than what the
// reader sees. A reader at the end who has seen it before is not offered it again.

export class FirstUnread {
  #button;
  #observer;
  #divider = null; // the line before the first unread message, as it is observed
  #isAbove = false;
  #wasSeen = false;
  #atEnd = false;

  constructor(button, log) {
    this.#button = button;
    const update = (changes) => {
      const { isIntersecting, boundingClientRect, rootBounds } = changes.at(-1);
      this.#isAbove = !isIntersecting && boundingClientRect.top < rootBounds.top;
      this.#wasSeen ||= isIntersecting;
      this.#update();
    };
    this.#observer = new IntersectionObserver(update, { root: log });
  }

  /** `divider` is null where nothing is unread; `isUnloaded`: the page has yet to load its place. */
  show(divider, { isUnloaded, atEnd }) {
    this.#atEnd = atEnd;
    if (divider !== this.#divider) {
      this.detach();
      this.#divider = divider;
      if (divider) this.#observer.observe(divider);
    }
    if (!divider) this.#isAbove = isUnloaded;
    this.#update();
  }

  detach() {
    this.#observer.disconnect();
    this.#divider = null;
    this.#isAbove = this.#wasSeen = false;
    this.#update();
  }

  #update() {
    this.#button.hidden = !this.#isAbove || (this.#atEnd && this.#wasSeen);
  }
}
