// The conversation in a room: applies the server's frames to the loaded part of the log, and sends
// what the user writes.

import { LoadedLog } from "./loaded-log.js";
import { ReconnectingSocket } from "./reconnecting-socket.js";
import { Sender } from "./sender.js";
import { refusalText } from "./status-texts.js";
import { ANSWER_TIMEOUT, FIRST_RETRY_PAUSE } from "./timing.js";

const PAGE_MESSAGES = 50; // in one request

export class Conversation {
  log = new LoadedLog();
  you = null; // the user's name
  #account;
  #outbox;
  #clock;
  #onChange;
  #onNewLines;
  #request = null; // the part of the history that was asked for: {before} or {after}
  #historyTimer = null;

  /** `account` is the id of the account for which the page was made. */
  constructor({
    account,
    open,
    clock,
    random = Math.random,
    outbox,
    onChange,
    onNewLines = () => {},
  }) {
    this.#account = account;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#onNewLines = onNewLines;
    this.socket = new ReconnectingSocket({
      open,
      clock,
      random,
      lastSeq: () => this.log.last,
      onFrame: (frame) => this.#receive(frame),
      onChange: () => this.#socketChanged(),
    });
    this.sender = new Sender({ outbox, socket: this.socket, clock, random });
  }

  say(id, text) {
    this.#outbox.add(id, text, new Date(this.#clock.now()).toISOString());
    this.sender.sendNext();
    this.#onChange();
  }

  /** Send a refused message again. */
  retry(id) {
    this.#outbox.retry(id);
    this.sender.sendNext();
    this.#onChange();
  }

  discard(id) {
    this.#outbox.drop(id);
    this.#onChange();
  }

  get loading() {
    return this.#request !== null;
  }

  /**
   * Ask for messages of a gap in the log: for its last ones, or for its first ones if `forward`.
   * Returns false while disconnected, or while another request is under way.
   */
  load(gap, { forward = false } = {}) {
    if (!this.socket.connected || this.loading) return false;
    this.#request = forward ? { after: gap.seq - 1 } : { before: gap.last + 1 };
    this.#historyTimer = this.#clock.later(() => this.socket.reconnect(), ANSWER_TIMEOUT);
    this.socket.send({
      type: "history",
      ...this.#request,
      limit: PAGE_MESSAGES,
      count: "messages",
    });
    return true;
  }

  /** Ask for the end of the log, where it is not loaded. */
  loadNewest() {
    return this.log.hasNewer && this.load(this.log.lines.at(-1));
  }

  #receive(frame) {
    switch (frame.type) {
      case "welcome":
        if (this.#isForOther(frame)) this.socket.end("other_account");
        else this.#welcome(frame);
        break;
      case "lines":
        this.#append(frame.lines);
        break;
      case "people":
        this.log.setPeople(frame.people, frame.seq);
        break;
      case "history":
        this.#fill(frame);
        break;
      case "said":
        this.sender.saved(frame.client_id);
        break;
      case "error":
        this.#failed(frame);
        break;
      // There is no default: a newer server may send frames that this page does not know.
    }
    this.#onChange();
  }

  /** Whether somebody else has signed in with this browser since the page was made. */
  #isForOther({ account }) {
    return ![undefined, this.#account].includes(account);
  }

  #welcome(frame) {
    const { you, seq, people, lines, reset, missed } = frame;
    this.you = you;
    const last = this.log.last;
    if (reset || last === null) {
      // The server counts what was missed where the log is still the same, only longer.
      const isSameLog = last !== null && Number.isInteger(missed);
      if (isSameLog) this.log.continueAt(frame);
      else this.log.replace(frame);
      if (last !== null) this.#onNewLines(lines.filter((line) => line.seq > last), missed ?? 0);
      this.sender.acknowledge(lines);
    } else {
      this.#append(lines);
    }
    this.log.setPeople(people, seq);
    this.sender.sendNext();
  }

  #fill(frame) {
    const request = this.#request;
    this.#stopLoading();
    if (!request) return;
    const isShorter = this.log.fill(request, frame);
    this.sender.acknowledge(frame.lines);
    if (!isShorter) {
      this.#request = request;
      this.#pauseLoading();
    }
  }

  #append(lines) {
    const { added, complete } = this.log.append(lines);
    this.sender.acknowledge(added);
    this.#onNewLines(added, 0);
    if (!complete) this.socket.reconnect(); // the next welcome brings the missing lines
  }

  #failed({ code, text, client_id: id }) {
    // The error for a frame that the server could not read does not name the message.
    const isUnreadable = code === "bad_frame" && !this.loading;
    const message = id ?? (isUnreadable ? this.sender.inFlight : null);
    if (message === null) this.#pauseLoading();
    else if (code === "try_again" || code === "too_fast") this.sender.retryLater(code);
    else this.sender.refused(message, refusalText(code, text));
  }

  /** The server has no history for us now. Ask again after a pause at the earliest. */
  #pauseLoading() {
    if (!this.loading) return;
    this.#clock.cancel(this.#historyTimer);
    this.#historyTimer = this.#clock.later(() => {
      this.#stopLoading();
      this.#onChange();
    }, FIRST_RETRY_PAUSE);
  }

  #stopLoading() {
    this.#clock.cancel(this.#historyTimer);
    this.#request = null;
  }

  #socketChanged() {
    if (!this.socket.connected) {
      this.sender.disconnected();
      this.#stopLoading();
    }
    this.#onChange();
  }
}
