// The chat over one connection: its rooms, of which one is shown, and what is sent and received.

import { Conversation } from "./conversation.js";
import { createDateFormats } from "./dates.js";
import { HistoryRequests } from "./history-requests.js";
import { MessageRequests } from "./message-requests.js";
import { ReconnectingSocket } from "./reconnecting-socket.js";
import { RoomList } from "./room-list.js";
import { RoomOpening } from "./room-opening.js";
import { RoomRequests } from "./room-requests.js";
import { Sender } from "./sender.js";
import { errorText, moderatorsRefusal, refusalText } from "./status-texts.js";
import { Unread } from "./unread.js";

export class Chat {
  you = null; // the user's name
  ignored = []; // the names of the people whom the user ignores
  rooms;
  lobby = new Conversation(null);
  shown; // the conversation that the page shows
  #account;
  #outbox;
  #clock;
  #on;
  #conversations = new Map(); // of rooms besides the lobby, by id
  #opening;
  #waiting; // the parts that may wait for an answer

  /**
   * `account` is the id of the account for which the page was made, `room` the room that it shows
   * first: null for the lobby. `on` has functions: `change()`; `newLines(conversation, lines,
   * missed)`; `activity(room, line)`, for messages in rooms that are not shown; `left(room)`, for
   * rooms that are gone: {id, slug, name}; and `told(frame)`, for notices to the user alone.
   */
  constructor({ account, room = null, open, clock, random = Math.random, outbox, on }) {
    this.rooms = new RoomList();
    this.#account = account;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#on = { newLines() {}, activity() {}, left() {}, told() {}, ...on };
    this.shown = this.conversation(room);
    const socket = new ReconnectingSocket({
      open,
      clock,
      random,
      lastSeq: () => this.lobby.log.last,
      onFrame: (frame) => this.#receive(frame),
      onChange: () => this.#socketChanged(),
    });
    this.socket = socket;
    this.sender = new Sender({ outbox, socket, clock, random });
    this.history = new HistoryRequests({ socket, clock, onChange: () => this.#on.change() });
    this.requests = new RoomRequests(socket);
    this.changes = new MessageRequests({ socket, clock });
    this.unread = new Unread({ rooms: this.rooms, socket, clock });
    this.#opening = new RoomOpening({ socket, clock });
    this.#waiting = [this.history, this.#opening, this.changes];
  }

  /** The conversation of a room. It is made when it is first asked for. */
  conversation(id) {
    if ((id ?? null) === null || id === this.rooms.lobbyId) return this.lobby;
    if (!this.#conversations.has(id)) this.#conversations.set(id, new Conversation(id));
    return this.#conversations.get(id);
  }

  /** The summary of the room that is shown; undefined while the server has sent none. */
  get room() {
    return this.rooms.get(this.shown.room);
  }

  /** Show a room. Only this one and the lobby get lines; for the others the server counts. */
  show(id) {
    const next = this.conversation(id);
    if (next === this.shown) return;
    this.#opening.close(this.shown);
    this.shown = next;
    this.unread.show(next);
    this.#opening.open(this.shown);
    this.#on.change();
  }

  /** `more` is what goes with the text: {files, reply, quote}, as `Outbox.add` takes it. */
  say(id, text, more) {
    const { room } = this.shown;
    this.#outbox.add(id, text, new Date(this.#clock.now()).toISOString(), room, more);
    this.shown.newAfter = null;
    this.shown.staysUnread = false;
    this.sender.sendNext();
    this.#on.change();
  }

  /** Send a refused message again. */
  retry(id) {
    this.#outbox.retry(id);
    this.sender.sendNext();
    this.#on.change();
  }

  discard(id) {
    this.#outbox.drop(id);
    this.#on.change();
  }

  #receive(frame) {
    switch (frame.type) {
      case "welcome":
        if (isForOther(frame, this.#account)) this.socket.end("other_account");
        else this.#welcome(frame);
        break;
      case "opened":
        this.#opened(frame);
        break;
      case "lines":
        this.#took(this.conversation(frame.room), (one) => one.append(frame.lines));
        break;
      case "people":
        this.conversation(frame.room).setPeople(frame);
        break;
      case "history":
        this.history.answered(frame);
        this.sender.acknowledge(frame.lines);
        break;
      case "said":
        this.sender.saved(frame.client_id);
        break;
      case "held":
        this.#decided(frame);
        break;
      case "done":
        if (!this.requests.answered(frame)) this.changes.answered(frame);
        break;
      case "told":
        this.#on.told(frame);
        break;
      case "error":
        this.#failed(frame);
        break;
      case "ignored":
        this.ignored = frame.names;
        this.requests.answered(frame);
        break;
      case "room":
      case "read":
      case "activity":
        this.#roomChanged(frame);
        break;
      // There is no default: a newer server may send frames that this page does not know.
    }
    this.#on.change();
  }

  #welcome(frame) {
    const isFirst = this.you === null;
    this.you = frame.you;
    this.ignored = frame.ignored ?? [];
    this.rooms.replace(frame.rooms ?? []);
    if (isFirst) this.unread.show(this.shown);
    this.#took(this.lobby, (lobby) => lobby.begin(frame));
    this.sender.acknowledge(frame.lines);
    const inRoom = (message) => ({ ...message, room: this.conversation(message.room).room });
    this.#outbox.takeHeld((frame.held ?? []).map(inRoom));
    if (this.shown === this.lobby) this.unread.introduce();
    else this.#opening.open(this.shown);
    this.sender.sendNext();
    this.changes.resume();
  }

  #opened(frame) {
    const conversation = this.conversation(frame.room);
    if (frame.summary) this.rooms.update(frame.summary);
    const isFirst = conversation.log.last === null;
    if (conversation === this.shown) {
      this.#opening.answered();
      conversation.status = "open";
      if (isFirst) this.unread.show(conversation);
    }
    this.#took(conversation, (one) => one.begin(frame));
    this.sender.acknowledge(frame.lines);
  }

  /** Let a conversation take lines, and note what is new. */
  #took(conversation, take) {
    const { added: taken, missed = 0, complete } = take(conversation);
    const added = taken.filter(({ ignored }) => !ignored);
    const isShown = conversation === this.shown;
    this.sender.acknowledge(added);
    this.changes.took(conversation.room, added, this.you);
    this.unread.count(conversation, added, { isShown, you: this.you });
    this.#on.newLines(conversation, added, missed);
    if (!isShown) conversation.trim();
    if (complete) return;
    // Lines are missing, which the next welcome or `opened` brings.
    if (conversation === this.lobby) this.socket.reconnect();
    else if (isShown) this.#opening.open(this.shown);
  }

  #roomChanged(frame) {
    const { type, change, room } = frame;
    if (type === "room" && change === "left") {
      const known = this.rooms.get(room.id);
      this.rooms.remove(room.id);
      this.#on.left({ ...known, ...room });
    } else if (type === "room") {
      this.rooms.update(room);
    } else if (type === "read") {
      this.unread.changed(frame);
    } else if (this.conversation(room) !== this.lobby) {
      // The lines of the lobby come, and are counted here.
      const { last, unread, mentions, line } = frame;
      this.rooms.update({ id: room, last, unread, mentions });
      if (line) this.#on.activity(this.rooms.get(room), line);
    }
    if (frame.answer) this.requests.answered(frame);
  }

  /** A message waits for a moderator, or one has refused it. */
  #decided({ client_id: id, state, reason }) {
    if (state === "refused") this.sender.refused(id, moderatorsRefusal(reason), { final: true });
    else this.sender.waits(id);
  }

  #failed(given) {
    const frame = { ...given, text: errorText(given, createDateFormats().moment) };
    const { code, text, client_id: id, retry_in: seconds, room, answer } = frame;
    this.#restrained(frame);
    const isHeld = code === "too_fast" && seconds >= 0;
    if (answer && !isHeld && this.changes.answered(frame)) return;
    if (answer && this.requests.answered(frame)) return;
    const isUnreadable = code === "bad_frame" && !answer && !this.history.loading;
    // The error for a frame that the server could not read does not name the message.
    const message = id ?? (isUnreadable ? this.sender.inFlight : null);
    if (code === "no_room" && room && !id && answer !== "read") this.#refused(room);
    else if (answer === "open") this.#opening.retryLater(this.shown);
    else if (isHeld && message === null) this.#waiting.forEach((part) => part.waitLonger(seconds));
    else if (isHeld) this.sender.held(message, seconds);
    else if (message === null) this.history.pause();
    else if (code === "try_again" || code === "too_fast") this.sender.retryLater(code);
    else this.sender.refused(message, refusalText(code, text));
  }

  /** Take over from an error what keeps the user from speaking in a room. */
  #restrained({ code, client_id: id, room, until = null, reason = "", wait }) {
    if (!id) return;
    const fields = { muted: { muted: { until, reason } }, locked: { locked: true } }[code];
    if (fields) this.rooms.update({ id: room ?? this.rooms.lobbyId, ...fields });
    if (code === "too_soon" && wait) {
      this.conversation(room).waitUntil = this.#clock.now() + wait * 1_000;
    }
  }

  /** A room cannot be read any more. */
  #refused(id) {
    const conversation = this.conversation(id);
    conversation.status = "refused";
    this.#opening.answered();
    this.#on.left(this.rooms.get(id) ?? { id });
    this.rooms.remove(id);
  }

  #socketChanged() {
    if (!this.socket.connected) {
      this.#opening.answered();
      for (const one of this.#conversations.values()) one.status = "closed";
      this.sender.disconnected();
      this.history.stop();
      this.requests.disconnected();
      this.changes.disconnected();
      this.unread.disconnected();
    }
    this.#on.change();
  }
}

/** Whether somebody else has signed in with this browser since the page was made. */
function isForOther({ account }, ours) {
  return ![undefined, ours].includes(account);
}
