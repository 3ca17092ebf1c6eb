// Whether screen readers announce the messages that appear. Old messages are no news.

const SILENT_TIME = 1_000; // ms for which screen readers do not announce what was loaded

export class Announcements {
  #region;
  #timer = null;

  /** `region` is the element with the messages, which has `aria-live`. */
  constructor(region) {
    this.#region = region;
  }

  /** Keep screen readers from announcing the messages that are shown next. */
  silence() {
    this.#region.setAttribute("aria-live", "off");
    clearTimeout(this.#timer);
    const announce = () => this.#region.setAttribute("aria-live", "polite");
    this.#timer = setTimeout(announce, SILENT_TIME);
  }
}
