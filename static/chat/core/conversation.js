// The conversation in a room: applies the server's frames to the loaded part of the log, and sends
// what the user writes.

import { LoadedLog } from "./loaded-log.js";
import { ReconnectingSocket } from "./reconnecting-socket.js";
import { Sender } from "./sender.js";
import { refusalText } from "./status-texts.js";
import { ANSWER_TIMEOUT, FIRST_RETRY_PAUSE } from "./timing.js";

const OLDER_LINES = 50; // in one request

export class Conversation {
  log = new LoadedLog();
  you = null; // the user's name
  loadingOlder = false;
  #account;
  #outbox;
  #clock;
  #onChange;
  #onNewLines;
  #olderTimer = null;

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

  /** Ask for older lines. False where there are none, or where they were asked for already. */
  loadOlder() {
    if (!this.socket.connected || this.loadingOlder || !this.log.hasOlder) return false;
    this.loadingOlder = true;
    this.#olderTimer = this.#clock.later(() => this.socket.reconnect(), ANSWER_TIMEOUT);
    this.socket.send({ type: "history", before: this.log.first, limit: OLDER_LINES });
    return true;
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
        this.#stopLoading();
        this.log.prepend(frame.lines, frame.more);
        this.sender.acknowledge(frame.lines);
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

  #welcome({ you, seq, people, lines, reset }) {
    this.you = you;
    const last = this.log.last;
    if (reset || last === null) {
      this.log.replace(lines, seq);
      if (last !== null) this.#onNewLines(lines.filter((line) => line.seq > last));
      this.sender.acknowledge(lines);
    } else {
      this.#append(lines);
    }
    this.log.setPeople(people, seq);
    this.sender.sendNext();
  }

  #append(lines) {
    const { added, gap } = this.log.append(lines);
    this.sender.acknowledge(added);
    this.#onNewLines(added);
    if (gap) this.socket.reconnect(); // the next welcome brings the missing lines
  }

  #failed({ code, text, client_id: id }) {
    // The error for a frame that the server could not read does not name the message.
    const isUnreadable = code === "bad_frame" && !this.loadingOlder;
    const message = id ?? (isUnreadable ? this.sender.inFlight : null);
    if (message === null) this.#pauseLoading();
    else if (code === "try_again" || code === "too_fast") this.sender.retryLater(code);
    else this.sender.refused(message, refusalText(code, text));
  }

  /** The server has no older lines for us now. Ask again after a pause at the earliest. */
  #pauseLoading() {
    if (!this.loadingOlder) return;
    this.#clock.cancel(this.#olderTimer);
    this.#olderTimer = this.#clock.later(() => {
      this.#stopLoading();
      this.#onChange();
    }, FIRST_RETRY_PAUSE);
  }

  #stopLoading() {
    this.#clock.cancel(this.#olderTimer);
    this.loadingOlder = false;
  }

  #socketChanged() {
    if (!this.socket.connected) {
      this.sender.disconnected();
      this.#stopLoading();
    }
    this.#onChange();
  }
}
