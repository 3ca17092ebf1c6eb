// Shows a conversation on the page: its messages and people, and how many messages are new.

import { listItems, seqsOf } from "../core/list-items.js";
import { describeUnsent } from "../core/status-texts.js";
import { setText } from "./dom-updates.js";

const MOST_ITEMS = 1_500; // then the page keeps those around the reader, and scrolling loads others
const KEPT_ITEMS = 1_000;
const LOAD_AHEAD = "600px"; // so far outside of what is visible, scrolling loads a gap
const NOBODY = [];

export class ConversationView {
  #find;
  #conversation;
  #outbox;
  #messageList;
  #peoplePanel;
  #formats;
  #title = document.title;
  #newWhileHidden = 0; // messages that came while the page was hidden
  #newBelow = 0; // messages that came while the reader was further up
  #seenAt = null; // the time of the last line that the reader has seen at the end
  #heads = new Set(); // the keys of the first messages of groups
  #shownFills = 0;
  #shownAtEnd = true;
  #shownPeople = null;
  #gapObserver;

  constructor({ find, conversation, outbox, messageList, peoplePanel, formats }) {
    this.#find = find;
    this.#conversation = conversation;
    this.#outbox = outbox;
    this.#messageList = messageList;
    this.#peoplePanel = peoplePanel;
    this.#formats = formats;
    this.#gapObserver = new IntersectionObserver(
      (changes) => {
        const near = changes.find(({ isIntersecting }) => isIntersecting);
        if (near) this.loadGap(near.target);
      },
      { root: find("log"), rootMargin: `${LOAD_AHEAD} 0px` },
    );
  }

  update({ hasEnded }) {
    this.#showMessages();
    this.#showPeople(hasEnded ? NOBODY : this.#conversation.log.people);
    this.#showNewMessages();
    this.#watchGaps();
  }

  /** Whether the reader has reached the end, or left it, since the last update. */
  get atEndChanged() {
    return this.#messageList.atEnd !== this.#shownAtEnd;
  }

  /** Count new lines, and messages that were missed and may be loaded later. */
  countNewLines(lines, missed) {
    const { you } = this.#conversation;
    const isNews = ({ kind, name, guest }) => kind === "said" && (guest || name !== you);
    const count = missed + lines.filter(isNews).length;
    if (document.hidden) this.#newWhileHidden += count;
    if (!this.#messageList.atEnd) this.#newBelow += count;
  }

  pageBecameVisible() {
    this.#newWhileHidden = 0;
  }

  /** Load the messages of a gap that the reader reaches from above or from below. */
  loadGap(element) {
    const { log } = this.#conversation;
    const gap = log.lines.find(({ kind, seq }) => kind === "gap" && seq === +element.dataset.gap);
    const isFirst = gap === log.lines[0];
    const isLast = gap === log.lines.at(-1);
    const forward = !isFirst && (isLast || this.#messageList.isBelowReader(element));
    if (gap) this.#conversation.load(gap, { forward });
  }

  #showMessages() {
    const { log } = this.#conversation;
    if (log.fills !== this.#shownFills) this.#messageList.silence(); // that was history
    this.#shownFills = log.fills;
    let items = this.#items();
    if (items.length > MOST_ITEMS) {
      this.#dropFarEnd(items);
      items = this.#items();
    }
    this.#heads = new Set(items.filter(({ continued }) => continued === false).map(({ key }) => key));
    this.#messageList.show(items, {
      isLive: !log.hasNewer,
      changeAround: () => {
        const hasMessages = log.lines.some(({ kind }) => kind === "said" || kind === "gap");
        this.#find("empty").hidden = log.last === null || hasMessages;
      },
    });
    this.#shownAtEnd = this.#messageList.atEnd;
    if (this.#shownAtEnd) this.#seenAt = log.lines.findLast(({ at }) => at)?.at ?? null;
  }

  #items() {
    const { log, you } = this.#conversation;
    return listItems(log.lines, this.#unsent(), you, this.#heads);
  }

  /** Drop items at the end of the list that is further away from the reader. */
  #dropFarEnd(items) {
    const { atEnd, topItem } = this.#messageList;
    const top = items.findIndex(({ key }) => key === topItem?.key);
    const dropsStart = atEnd || top > items.length / 2;
    const kept = dropsStart ? items.slice(-KEPT_ITEMS) : items.slice(0, KEPT_ITEMS);
    const seqs = kept.map(seqsOf).filter(({ first }) => first !== undefined);
    const { log } = this.#conversation;
    if (dropsStart) log.keepOnly(seqs[0].first, Infinity);
    else log.keepOnly(0, seqs.at(-1).last);
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
    const since = this.#seenAt ? ` since ${this.#formats.moment(this.#seenAt)}` : "";
    const label = this.#newBelow ? `${this.#newBelow} new${since}` : "Newest messages";
    this.#find("newest").hidden = this.#shownAtEnd;
    setText(this.#find("newest"), label);
    const hidden = this.#newWhileHidden;
    document.title = hidden ? `(${hidden}) ${this.#title}` : this.#title;
  }

  /** Load gaps when they come near. Observers report changes only, so start it anew. */
  #watchGaps() {
    const { socket, loading } = this.#conversation;
    this.#gapObserver.disconnect();
    if (!socket.connected || loading) return;
    if (this.#messageList.isJumping) this.#conversation.loadNewest();
    else for (const element of this.#messageList.gaps) this.#gapObserver.observe(element);
  }
}
