// Shows the conversation in a room: its messages and people, and how many messages are new.

import { listItems, seqsOf } from "../core/list-items.js";
import { COUNT_LIMIT, countText } from "../core/room-list.js";
import { describeUnsent } from "../core/status-texts.js";
import { isNews } from "../core/unread.js";
import { setText } from "./dom-updates.js";
import { FirstUnread } from "./first-unread.js";

const MOST_ITEMS = 800; // then the page keeps those around the reader, and scrolling loads others
const KEPT_ITEMS = 500;
const WAITING = "Will be changed when you are connected";
const LOAD_AHEAD = "600px"; // so far outside of what is visible, scrolling loads a gap

export class ConversationView {
  #find;
  #chat;
  #conversation;
  #outbox;
  #announcements;
  #formats;
  #newBelow = 0; // messages that came while the reader was further up; Infinity for too many
  #seenAt = null; // the time of the last line that the reader has seen at the end
  #heads = new Set(); // the keys of the first messages of groups
  #shownFills = 0;
  #shownAtEnd = true;
  #leadsToNew = false; // whether the reader has yet to be led to the first unread message
  #wanted = null; // where the reader has yet to be led to: {seq, isIt(item)}
  #origin = null; // the number of the answer from which the reader went to another message
  #gapObserver;
  #firstUnread;

  constructor({ find, chat, conversation, outbox, messageList, announcements, formats }) {
    this.#find = find;
    this.#chat = chat;
    this.#conversation = conversation;
    this.#outbox = outbox;
    this.messageList = messageList;
    this.#announcements = announcements;
    this.#formats = formats;
    this.#gapObserver = new IntersectionObserver(
      (changes) => {
        const near = changes.find(({ isIntersecting }) => isIntersecting);
        if (near) this.loadGap(near.target);
      },
      { root: find("log"), rootMargin: `${LOAD_AHEAD} 0px` },
    );
    this.#firstUnread = new FirstUnread(find("first-unread"), find("log"));
  }

  /** Show this room. A reader who was at the end is led to the first unread message. */
  attach() {
    this.messageList.attach();
    this.#announcements.silence();
    this.#leadsToNew = this.messageList.atEnd;
  }

  /**
   * Lead the reader to a line, which may have to be loaded. `from` is the number of the answer that
   * the reader comes from, and may return to.
   */
  goTo(seq, { from = null } = {}) {
    this.#wanted = { seq, isIt: ({ line }) => line?.seq === seq };
    this.#origin = from;
    this.#leadsToNew = false;
  }

  /** Lead the reader back to the answer that quotes the message. */
  goBack() {
    if (this.#origin !== null) this.goTo(this.#origin);
  }

  /** Lead the reader to the first unread message. */
  goToFirstUnread() {
    const { newAfter } = this.#conversation;
    this.#wanted = { seq: newAfter + 1, isIt: ({ type }) => type === "new" };
  }

  detach() {
    this.#gapObserver.disconnect();
    this.#firstUnread.detach();
    this.messageList.detach();
  }

  update() {
    this.#showMessages();
    this.#leadToNew();
    this.#leadToWanted();
    this.#showNewMessages();
    this.#showWays();
    this.#watchGaps();
  }

  /** Whether the reader sees the end of the log, as far as it is known. */
  get isAtEnd() {
    return this.messageList.atEnd && !this.#leadsToNew && this.#wanted === null;
  }

  /** Whether the reader has reached the end, or left it, since the last update. */
  get atEndChanged() {
    return this.messageList.atEnd !== this.#shownAtEnd;
  }

  /** Count new lines, and messages that were missed and may be loaded later. */
  countNewLines(lines, missed) {
    const { you } = this.#chat;
    const count = missed + lines.filter((line) => isNews(line, you)).length;
    if (!this.messageList.atEnd) this.#newBelow += count;
  }

  /** Load the messages of a gap that the reader reaches from above or from below. */
  loadGap(element) {
    const { log } = this.#conversation;
    const gap = log.lines.find(({ kind, seq }) => kind === "gap" && seq === +element.dataset.gap);
    const isFirst = gap === log.lines[0];
    const isLast = gap === log.lines.at(-1);
    const forward = !isFirst && (isLast || this.messageList.isBelowReader(element));
    if (gap) this.#chat.history.load(this.#conversation, gap, { forward });
  }

  /** Whether the page waits for the first lines of the room. */
  get #isOpening() {
    const { status, log, room } = this.#conversation;
    return room !== null && log.last === null && status !== "refused";
  }

  #showMessages() {
    const { log } = this.#conversation;
    if (log.fills !== this.#shownFills) this.#announcements.silence(); // that was history
    this.#shownFills = log.fills;
    let items = this.#items();
    if (items.length > MOST_ITEMS) {
      this.#dropFarEnd(items);
      items = this.#items();
    }
    this.#heads = new Set(items.filter(({ continued }) => continued === false).map(({ key }) => key));
    this.messageList.show(items, {
      isLive: !log.hasNewer,
      changeAround: () => {
        const hasMessages = log.lines.some(({ kind }) => kind === "said" || kind === "gap");
        this.#find("empty").hidden = log.last === null || hasMessages;
        this.#find("opening").hidden = !this.#isOpening;
      },
    });
  }

  #leadToNew() {
    const { room, status, newAfter, log } = this.#conversation;
    const isKnown = log.last !== null && (room === null ? this.#chat.you : status === "open");
    if (!this.#leadsToNew || !isKnown) return;
    this.#leadsToNew = false;
    if (newAfter === null) return;
    const { unread = 0 } = this.#chat.room ?? {};
    const count = unread < COUNT_LIMIT ? unread : Infinity;
    const isLed = this.messageList.scrollToItem(({ type }) => type === "new");
    if (isLed && !this.messageList.atEnd) this.#newBelow = count;
  }

  #leadToWanted() {
    const { log } = this.#conversation;
    if (this.#wanted === null || log.last === null) return;
    const { seq, isIt } = this.#wanted;
    if (log.lacks(seq)) {
      this.#chat.history.loadAround(this.#conversation, seq);
      return;
    }
    this.#wanted = null;
    let message = this.messageList.scrollToItem(isIt);
    while (message && !message.matches("[data-id]")) message = message.nextElementSibling;
    if (!message) return;
    delete this.#find("sought")?.dataset.sought;
    message.dataset.sought = "";
    this.messageList.setTabStop(message);
    message.focus({ preventScroll: true });
  }

  #items() {
    const { log, newAfter } = this.#conversation;
    const { you } = this.#chat;
    return listItems(log.lines, this.#unsent(), you, {
      heads: this.#heads,
      newAfter,
      namesIn: (line) => this.#conversation.mentionsIn(line, you),
      more: (line) => this.#changesOf(line),
    });
  }

  /** The request of the user about a message, as it is shown. */
  #changesOf({ seq }) {
    const { room, undoable } = this.#conversation;
    const { changes, socket, you } = this.#chat;
    const isWaiting = changes.isWaiting(room, seq);
    const note = isWaiting && !socket.connected ? WAITING : undefined;
    return { you, undo: undoable.has(seq), state: isWaiting ? "sending" : "sent", note };
  }

  /** Drop items at the end of the list that is further away from the reader. */
  #dropFarEnd(items) {
    const { atEnd, topItem } = this.messageList;
    const top = items.findIndex(({ key }) => key === topItem?.key);
    const dropsStart = atEnd || top > items.length / 2;
    const kept = dropsStart ? items.slice(-KEPT_ITEMS) : items.slice(0, KEPT_ITEMS);
    const seqs = kept.map(seqsOf).filter(({ first }) => first !== undefined);
    const { log } = this.#conversation;
    if (dropsStart) log.keepOnly(seqs[0].first, Infinity);
    else log.keepOnly(0, seqs.at(-1).last);
  }

  #unsent() {
    const { socket, sender } = this.#chat;
    return this.#outbox.of(this.#conversation.room).map((message) => {
      const delayCode = message === this.#outbox.next ? sender.delayCode : null;
      const { connected, signedOut } = socket;
      return { ...message, ...describeUnsent(message, { connected, signedOut, delayCode }) };
    });
  }

  #showNewMessages() {
    const { log } = this.#conversation;
    this.#shownAtEnd = this.messageList.atEnd;
    if (this.#shownAtEnd) {
      this.#seenAt = log.lines.findLast(({ at }) => at)?.at ?? null;
      this.#newBelow = 0;
    }
    const since = this.#seenAt ? ` since ${this.#formats.moment(this.#seenAt)}` : "";
    const count = this.#newBelow === Infinity ? countText(COUNT_LIMIT) : this.#newBelow;
    const label = count ? `${count} new${since}` : "Newest messages";
    this.#find("newest").hidden = this.#shownAtEnd;
    setText(this.#find("newest"), label);
  }

  /** Offer the way back to the answer, and to the first unread message. */
  #showWays() {
    const { log, newAfter } = this.#conversation;
    if (this.isAtEnd) this.#origin = null;
    this.#find("back").hidden = this.#origin === null;
    this.#firstUnread.show(this.messageList.newDivider, {
      isUnloaded: newAfter !== null && log.lacks(newAfter + 1),
      atEnd: this.messageList.atEnd,
    });
  }

  /** Load gaps when they come near. Observers report changes only, so start it anew. */
  #watchGaps() {
    const { socket, history } = this.#chat;
    this.#gapObserver.disconnect();
    if (!socket.connected || history.loading) return;
    if (this.messageList.isJumping) history.loadNewest(this.#conversation);
    else for (const element of this.messageList.gaps) this.#gapObserver.observe(element);
  }
}
