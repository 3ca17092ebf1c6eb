// A conversation: the log, the outbox and the link between them and the server. No DOM here.

import { Link } from "./link.js";
import { Log } from "./log.js";

const ANSWER_IN = 10_000;
const PAGE = 50;
const REFUSALS = {
  too_long: "This is too long: 4000 characters or 100 lines is the most.",
  empty: "There is nothing in it that one could see.",
  muted: "You are muted and cannot speak now.",
};
const PAUSE = 1_000; // before trying again; doubles
const LONGEST_PAUSE = 15_000;

export class Conversation {
  log = new Log();
  you = null;
  room = null;
  loading = false;
  pausing = null; // why the text in front is sent again later: the server's code
  #outbox;
  #clock;
  #random;
  #changed;
  #arrived;
  #sending = null; // the client id that waits for its answer
  #timer = null;
  #loadingTimer = null;
  #pauses = 0;

  constructor({ open, clock, random = Math.random, outbox, changed, arrived = () => {} }) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#random = random;
    this.#changed = changed;
    this.#arrived = arrived;
    this.link = new Link({
      open,
      clock,
      random,
      after: () => this.log.last,
      hear: (frame) => this.#hear(frame),
      changed: () => this.#linkChanged(),
    });
  }

  say(id, text) {
    this.#outbox.add(id, text, new Date(this.#clock.now()).toISOString());
    this.#pump();
    this.#changed();
  }

  retry(id) {
    this.#outbox.retry(id);
    this.#pump();
    this.#changed();
  }

  discard(id) {
    this.#outbox.drop(id);
    this.#changed();
  }

  /** Ask for older lines, unless there are none or they are on their way. */
  loadOlder() {
    if (!this.link.connected || this.loading || !this.log.more) return false;
    this.loading = true;
    this.#loadingTimer = this.#clock.later(() => this.link.lost(), ANSWER_IN);
    this.link.send({ type: "history", before: this.log.first, limit: PAGE });
    return true;
  }

  #hear(frame) {
    switch (frame.type) {
      case "welcome":
        this.#welcome(frame);
        break;
      case "lines":
        this.#extend(frame.lines);
        break;
      case "people":
        this.log.meet(frame.people, frame.seq);
        break;
      case "history":
        this.#loaded();
        this.log.prepend(frame.lines, frame.more);
        this.#acknowledge(frame.lines);
        break;
      case "said":
        this.#answered(frame.client_id, () => this.#outbox.drop(frame.client_id));
        break;
      case "error":
        this.#error(frame);
        break;
      // no default: a newer server may say things that we need not know
    }
    this.#changed();
  }

  #welcome({ you, room, seq, people, lines, reset }) {
    this.you = you;
    this.room = room;
    const seen = this.log.last;
    if (reset || seen === null) {
      this.log.replace(lines, seq);
      if (seen !== null) this.#arrived(lines.filter((line) => line.seq > seen));
      this.#acknowledge(lines);
    } else {
      this.#extend(lines);
    }
    this.log.meet(people, seq);
    this.#pump();
  }

  #extend(lines) {
    const { fresh, gap } = this.log.extend(lines);
    this.#acknowledge(fresh);
    this.#arrived(fresh);
    if (gap) this.link.lost(); // the next welcome brings what is missing
  }

  #acknowledge(lines) {
    for (const { client_id: id } of lines) {
      if (id && this.#outbox.has(id)) this.#answered(id, () => this.#outbox.drop(id));
    }
  }

  #error({ code, text, client_id: id }) {
    const about = id ?? (code === "bad_frame" && !this.loading ? this.#sending : null);
    if (about === null) {
      // Something else that we asked for: history. Leave it alone for a while.
      if (this.loading) {
        this.#clock.cancel(this.#loadingTimer);
        this.#loadingTimer = this.#clock.later(() => {
          this.#loaded();
          this.#changed();
        }, PAUSE);
      }
    } else if (code === "try_again" || code === "too_fast") {
      this.pausing = code;
      this.#pause();
    } else {
      this.#answered(about, () => this.#outbox.refuse(about, REFUSALS[code] ?? text));
    }
  }

  #answered(id, settle) {
    if (id === this.#outbox.next?.client_id) this.pausing = null;
    settle();
    if (id !== this.#sending) return;
    this.#pauses = 0;
    this.#rest();
    this.#pump();
  }

  /** Send the next text, if the one before it was answered. */
  #pump() {
    const entry = this.#outbox.next;
    if (!entry || !this.link.connected || this.#timer !== null) return;
    this.#sending = entry.client_id;
    this.#timer = this.#clock.later(() => this.link.lost(), ANSWER_IN);
    this.link.send({ type: "say", text: entry.text, client_id: entry.client_id });
  }

  #pause() {
    this.#rest();
    const longest = Math.min(LONGEST_PAUSE, PAUSE * 2 ** this.#pauses++);
    this.#timer = this.#clock.later(
      () => {
        this.#rest();
        this.#pump();
      },
      longest * (0.5 + this.#random() / 2),
    );
  }

  #rest() {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#sending = null;
  }

  #loaded() {
    this.#clock.cancel(this.#loadingTimer);
    this.loading = false;
  }

  #linkChanged() {
    if (!this.link.connected) {
      this.pausing = null;
      this.#rest();
      this.#loaded();
    }
    this.#changed();
  }
}
