// Shows a conversation on the page: its messages and people, and how many messages are new.

import { listItems } from "../core/list-items.js";
import { describeUnsent } from "../core/status-texts.js";
import { setText } from "./dom-updates.js";

const MOST_LINES_AT_END = 1_500; // then the page keeps the newest, and scrolling up loads the rest
const MOST_LINES_READING = 10_000; // the same, for a reader who has scrolled up
const KEPT_LINES = 1_000;
const LOAD_BEFORE_TOP = "600px"; // so far below the top, scrolling up loads older lines
const NOBODY = [];

export class ConversationView {
  #find;
  #conversation;
  #outbox;
  #messageList;
  #peoplePanel;
  #title = document.title;
  #newWhileHidden = 0; // messages that came while the page was hidden
  #newBelow = 0; // messages that came while the reader was further up
  #firstShown = null; // the numbers of the first and the last line on the page
  #lastShown = null;
  #shownAtEnd = true;
  #shownPeople = null;
  #topObserver;

  constructor({ find, conversation, outbox, messageList, peoplePanel }) {
    this.#find = find;
    this.#conversation = conversation;
    this.#outbox = outbox;
    this.#messageList = messageList;
    this.#peoplePanel = peoplePanel;
    this.#topObserver = new IntersectionObserver(
      ([entry]) => entry.isIntersecting && conversation.loadOlder(),
      { root: find("log"), rootMargin: `${LOAD_BEFORE_TOP} 0px 0px` },
    );
  }

  update({ hasEnded }) {
    this.#showMessages();
    this.#showPeople(hasEnded ? NOBODY : this.#conversation.log.people);
    this.#showNewMessages();
    this.#watchTop();
  }

  /** Whether the reader has reached the end, or left it, since the last update. */
  get atEndChanged() {
    return this.#messageList.atEnd !== this.#shownAtEnd;
  }

  countNewLines(lines) {
    const { you, log } = this.#conversation;
    const isNews = ({ kind, name, guest }) => kind === "said" && (guest || name !== you);
    const count = lines.filter(isNews).length;
    if (document.hidden) this.#newWhileHidden += count;
    if (!this.#messageList.atEnd) this.#newBelow += count;
    const most = this.#messageList.atEnd ? MOST_LINES_AT_END : MOST_LINES_READING;
    if (log.lines.length > most) {
      log.keepNewest(KEPT_LINES);
      this.#messageList.atEnd = true;
    }
  }

  pageBecameVisible() {
    this.#newWhileHidden = 0;
  }

  #showMessages() {
    const { log, you } = this.#conversation;
    this.#silenceHistory(log);
    this.#messageList.show(listItems(log.lines, this.#unsent(), you), () => {
      this.#find("older").hidden = !log.hasOlder;
      const hasMessages = log.lines.some(({ kind }) => kind === "said");
      this.#find("empty").hidden = log.last === null || log.hasOlder || hasMessages;
    });
    this.#shownAtEnd = this.#messageList.atEnd;
  }

  /** Lines that come first, or before those on the page, or after a gap, are history. */
  #silenceHistory(log) {
    if (log.last === null) return;
    const hasGap = log.first > this.#lastShown + 1;
    if (log.first !== this.#firstShown || hasGap) this.#messageList.silence();
    this.#firstShown = log.first;
    this.#lastShown = log.last;
  }

  #unsent() {
    const { socket, sender } = this.#conversation;
    return this.#outbox.messages.map((message) => {
      const delayCode = message === this.#outbox.next ? sender.delayCode : null;
      const { connected, signedOut } = socket;
      return { ...message, ...describeUnsent(message, { connected, signedOut, delayCode }) };
    });
  }

  #showPeople(people) {
    if (people !== this.#shownPeople) this.#peoplePanel.show(people, this.#conversation.you);
    this.#shownPeople = people;
  }

  #showNewMessages() {
    if (this.#shownAtEnd) this.#newBelow = 0;
    const count = this.#newBelow;
    const label = count === 1 ? "1 new message" : `${count} new messages`;
    this.#find("newest").hidden = this.#shownAtEnd;
    setText(this.#find("newest"), count ? label : "Newest messages");
    const hidden = this.#newWhileHidden;
    document.title = hidden ? `(${hidden}) ${this.#title}` : this.#title;
  }

  /** Load older lines when the top comes near. Observers report changes only, so start it anew. */
  #watchTop() {
    const { log, socket, loadingOlder } = this.#conversation;
    this.#topObserver.disconnect();
    // A thousand lines of people who enter and leave may fit on one screen. Do not load them all.
    const isEnough = this.#messageList.atEnd && log.lines.length >= KEPT_LINES;
    if (log.hasOlder && socket.connected && !loadingOlder && !isEnough) {
      this.#topObserver.observe(this.#find("older"));
    }
  }
}
