// The unread messages: counts those that come, and tells the server what was read.

import { isYou } from "./people.js";
import { ReadPositions } from "./read-positions.js";

export class Unread {
  isReading = false; // whether the user sees the end of the room that is shown
  #rooms;
  #socket;
  #positions;

  constructor({ rooms, socket, clock }) {
    this.#rooms = rooms;
    this.#socket = socket;
    this.#positions = new ReadPositions({ socket, clock });
  }

  /** Begin to show a room: its unread messages begin where the server says. */
  show(conversation) {
    this.#positions.flush();
    this.isReading = false;
    conversation.staysUnread = false;
    const { read, last, unread } = this.#rooms.get(conversation.room) ?? {};
    conversation.newAfter = unread && read < last ? read : null;
  }

  /** Count lines that have come in a room. Those that the user does not see are unread. */
  count(conversation, lines, { isShown, you }) {
    const room = this.#rooms.get(conversation.room);
    if (!room) return;
    for (const line of lines) {
      const unread = isNews(line, you) && !(isShown && this.isReading);
      if (isNews(line, you)) conversation.hasNews = true;
      // The unread messages begin anew if everything was read before.
      if (unread && (conversation.newAfter ?? -1) < room.read) conversation.newAfter = room.read;
      this.#rooms.countMessage(room.id, line.seq, {
        unread,
        mention: unread && conversation.mentionsIn(line, you).length > 0,
      });
    }
  }

  /** Note that a room is read up to its end, if the user sees that. */
  mark(conversation) {
    const isSeen = this.isReading && !conversation.staysUnread;
    if (isSeen && this.#socket.connected) this.markWhole(conversation);
  }

  /** Note that a room is read up to its end, because the user says so. */
  markWhole(conversation) {
    const room = this.#rooms.get(conversation.room);
    const last = conversation.log.last;
    const isOpen = conversation.room === null || conversation.status === "open";
    if (!room?.role || !isOpen || last === null) return;
    // Nobody needs to hear that people were seen to come and go.
    if (!room.unread && !conversation.hasNews) return;
    conversation.hasNews = false;
    this.#rooms.update({ id: room.id, read: last, last, unread: 0, mentions: 0 });
    this.#positions.note(room.id, last);
  }

  /** Mark the newest message of others as unread, until the room is shown again. */
  markUnread(conversation, you) {
    const room = this.#rooms.get(conversation.room);
    const newest = conversation.log.lines.findLast((line) => isNews(line, you));
    if (!room?.role || !newest || !this.#socket.connected) return;
    conversation.staysUnread = true;
    conversation.newAfter = newest.seq - 1;
    this.#positions.forget(room.id);
    this.#socket.send({ type: "unread", room: room.id, seq: newest.seq });
  }

  disconnected() {
    this.#positions.disconnected();
  }

  /** Take over what the server says about reading in a room, on this device or on another one. */
  changed({ room, seq, unread, mentions }) {
    if (this.#positions.isConfirmed(room, seq)) {
      this.#rooms.update({ id: room, read: seq, unread, mentions });
    }
  }

  /**
   * Say where the lobby was read before. It changes nothing, but it shows the server that the page
   * wants to hear of all rooms, and not only of the lobby.
   */
  introduce() {
    const lobby = this.#rooms.get(null);
    if (lobby) this.#socket.send({ type: "read", room: lobby.id, seq: lobby.read });
  }
}

/** Whether a line is a message of somebody else. */
export function isNews(line, you) {
  return line.kind === "said" && !isYou(line, you);
}
