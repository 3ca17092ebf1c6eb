import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../../static/chat/core/conversation.js";
import { RoomList } from "../../static/chat/core/room-list.js";
import { Unread } from "../../static/chat/core/unread.js";
import { line, lines, ManualClock, opened, summary } from "./fakes.mjs";

/** The room 2, read up to line 5, with these unread messages after it. */
function begin({ last = 5, unread = 0, ...changes } = {}) {
  const clock = new ManualClock();
  const sent = [];
  const socket = { connected: true, send: ({ room, seq }) => sent.push([room, seq]) };
  const rooms = new RoomList();
  rooms.replace([summary(1), summary(2, { last, read: 5, unread, ...changes })]);
  const unreadParts = new Unread({ rooms, socket, clock });
  const conversation = new Conversation(2);
  conversation.status = "open";
  conversation.begin(opened(2, last, lines(1, last)));
  unreadParts.show(conversation);
  const come = (...some) => {
    conversation.append(some);
    unreadParts.count(conversation, some, { isShown: true, you: "alice" });
  };
  const room = () => rooms.get(2);
  return { clock, sent, socket, rooms, unread: unreadParts, conversation, come, room };
}

test("a room that is shown begins with the unread messages of the server", () => {
  assert.equal(begin({ last: 8, unread: 3 }).conversation.newAfter, 5);
  assert.equal(begin().conversation.newAfter, null);
  assert.equal(begin({ last: 8, unread: 0 }).conversation.newAfter, null); // only comings and goings
});

test("messages that the reader sees are read, and the server hears of it once a second at most", () => {
  const { clock, sent, unread, conversation, come, room } = begin();
  unread.isReading = true;
  for (const seq of [6, 7, 8]) {
    come(line(seq));
    unread.mark(conversation);
  }
  assert.deepEqual(sent, [[2, 6]]);
  clock.pass(1_000);
  assert.deepEqual(sent, [[2, 6], [2, 8]]);
  assert.deepEqual([room().unread, room().read, conversation.newAfter], [0, 8, null]);
  clock.pass(5_000);
  assert.equal(sent.length, 2);
});

test("nobody hears that the reader has seen people come and go, or one's own messages", () => {
  const { sent, unread, conversation, come } = begin();
  unread.isReading = true;
  come(line(6, { kind: "joined" }), line(7, { name: "alice" }));
  unread.mark(conversation);
  assert.deepEqual(sent, []);

  come(line(8));
  unread.mark(conversation);
  assert.deepEqual(sent, [[2, 8]]);
});

test("messages that the reader does not see are counted, from the first one on", () => {
  const { sent, unread, conversation, come, room } = begin();
  come(line(6), line(7, { text: "hi @Alice!" }), line(8, { name: "alice" }));
  unread.mark(conversation);
  assert.deepEqual([room().unread, room().mentions, conversation.newAfter], [2, 1, 5]);
  assert.deepEqual(sent, []);

  unread.isReading = true;
  unread.mark(conversation);
  assert.deepEqual([room().unread, room().mentions, sent], [0, 0, [[2, 8]]]);
  assert.equal(conversation.newAfter, 5, "the line stays while the messages are read");
  unread.isReading = false;
  come(line(9));
  assert.equal(conversation.newAfter, 8);
});

test("lines that the counts of the server include are not counted again", () => {
  const { come, room } = begin({ last: 8, unread: 3 });
  come(line(7), line(8), line(9, { kind: "joined" }));

  assert.deepEqual([room().unread, room().last], [3, 9]);
});

test("nothing is read without a connection, in a room that is not open, or by a visitor", () => {
  const { socket, sent, unread, conversation, come, rooms } = begin();
  come(line(6));
  unread.isReading = true;
  socket.connected = false;
  unread.mark(conversation);
  socket.connected = true;
  conversation.status = "closed";
  unread.mark(conversation);
  conversation.status = "open";
  rooms.update({ id: 2, role: null });
  unread.mark(conversation);

  assert.deepEqual(sent, []);
});

test("what was read is sent before another room is shown", () => {
  const { sent, unread, conversation, come } = begin();
  unread.isReading = true;
  for (const seq of [6, 7]) {
    come(line(seq));
    unread.mark(conversation);
  }
  unread.show(new Conversation(null));

  assert.deepEqual(sent, [[2, 6], [2, 7]]);
});

test("an answer about less than was read here meanwhile changes nothing", () => {
  const { clock, unread, conversation, come, room } = begin();
  unread.isReading = true;
  for (const seq of [6, 7]) {
    come(line(seq));
    unread.mark(conversation);
  }
  unread.changed({ room: 2, seq: 6, unread: 1, mentions: 0 });
  assert.deepEqual([room().read, room().unread], [7, 0]);

  clock.pass(1_000);
  unread.changed({ room: 2, seq: 7, unread: 0, mentions: 0 });
  unread.changed({ room: 2, seq: 3, unread: 4, mentions: 1 }); // marked as unread elsewhere
  assert.deepEqual([room().read, room().unread, room().mentions], [3, 4, 1]);
});

test("a room that is marked as unread stays so until it is shown again or written in", () => {
  const { sent, unread, conversation, come, room } = begin();
  unread.isReading = true;
  come(line(6), line(7, { name: "alice" }));
  unread.mark(conversation);
  unread.markUnread(conversation, "alice");
  assert.deepEqual([sent.at(-1), conversation.newAfter], [[2, 6], 5]);
  unread.changed({ room: 2, seq: 5, unread: 1, mentions: 0 });
  come(line(8));
  unread.mark(conversation);
  assert.deepEqual([sent.length, room().unread], [2, 1]);

  unread.show(conversation);
  unread.isReading = true;
  unread.mark(conversation);
  assert.equal(room().unread, 0);
});
