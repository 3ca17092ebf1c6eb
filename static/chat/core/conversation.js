// One room as the page knows it: the loaded part of its log, its people, and the place where
// the unread messages begin.

import { LoadedLog } from "./loaded-log.js";
import { mentionsIn } from "./mentions.js";
import { isYou } from "./people.js";
import { RoomPeople } from "./room-people.js";

const MOST_UNSEEN = 1_500; // lines of a room that is not shown; then the older ones are dropped
const KEPT_UNSEEN = 500;

export class Conversation {
  log = new LoadedLog();
  status = "closed"; // or "opening", "open", "refused": for the lobby it has no meaning
  newAfter = null; // the unread messages began after this line; null where there were none
  staysUnread = false; // whether the user wants to read it later
  undoable = new Set(); // the numbers of removed messages whose removal the page offers to undo
  waitUntil = null; // the time until which the server lets the user say nothing here
  #spoken = { seq: null, at: null }; // the user's last message, as the page has seen it
  hasNews = false; // whether messages of others have come that the server does not know as read
  #people = new RoomPeople();

  /** `room` is the id of the room on the wire, or null for the lobby. */
  constructor(room) {
    this.room = room;
  }

  /** The people of the room: those who are here for the lobby, the members for other rooms. */
  get people() {
    return this.room === null ? this.log.people : this.#people.list;
  }

  /**
   * When the user has said something here last, for slow mode with so many seconds: in milliseconds
   * by the clock of this page, or null.
   */
  spokeAt(you, now, slow = 0) {
    if (!slow) return null;
    const isOwn = (line) => line.kind === "said" && isYou(line, you);
    const line = this.log.lines.findLast(isOwn);
    // The clock of the server may be ahead.
    if (line && line.seq !== this.#spoken.seq) {
      this.#spoken = { seq: line.seq, at: Math.min(now, Date.parse(line.at)) };
    }
    const isTold = this.waitUntil !== null && this.waitUntil > now;
    return isTold ? this.waitUntil - slow * 1_000 : this.#spoken.at;
  }

  /** The names by which a line means the user. */
  mentionsIn(line, you) {
    return mentionsIn(line, you, this.people);
  }

  /**
   * Take over the frame `welcome` or `opened`. Returns {added, missed, complete}: the lines that
   * are news for the page, how many messages were left out before them, and false if lines are
   * missing.
   */
  begin(frame) {
    const { last } = this.log;
    const { lines, reset, missed, people = [], seq } = frame;
    let news;
    if (reset || last === null) {
      // The server counts what was missed where the log is still the same, only longer.
      const isSameLog = last !== null && Number.isInteger(missed);
      if (isSameLog) this.log.continueAt(frame);
      else this.log.replace(frame);
      const added = last === null ? [] : lines.filter((line) => line.seq > last);
      news = { added, missed: last === null ? 0 : (missed ?? 0), complete: true };
    } else {
      news = { ...this.append(lines), missed: 0 };
    }
    if (this.room === null) this.log.setPeople(people, seq);
    else this.#people.replace(people, seq);
    return news;
  }

  /** Append lines. Returns {added, complete}, as `LoadedLog` does. */
  append(lines) {
    const result = this.log.append(lines);
    for (const line of result.added) this.#people.apply(line);
    return result;
  }

  /** Take over the answer to `look`. */
  setPeople({ people, seq }) {
    if (this.room === null) this.log.setPeople(people, seq);
    else this.#people.replace(people, seq);
  }

  /** Drop old lines of a room that nobody looks at, to save memory. */
  trim() {
    const { lines } = this.log;
    if (lines.length > MOST_UNSEEN) this.log.keepOnly(lines.at(-KEPT_UNSEEN).seq, Infinity);
  }
}
