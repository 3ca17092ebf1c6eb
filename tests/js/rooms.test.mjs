import assert from "node:assert/strict";
import { test } from "node:test";

import { Chat } from "../../static/chat/core/chat.js";
import { Outbox } from "../../static/chat/core/outbox.js";
import {
  FakeNetwork,
  fakeStoredValue,
  line,
  lines,
  ManualClock,
  opened,
  summary,
  welcome,
} from "./fakes.mjs";

/** Alice in the lobby and in the rooms 2 and 3; `room` is shown first. */
function enter({ room = null, rooms = [summary(1), summary(2), summary(3)], seq = 3 } = {}) {
  const clock = new ManualClock();
  const network = new FakeNetwork();
  const outbox = new Outbox(fakeStoredValue());
  const left = [];
  const activity = [];
  const told = [];
  const on = {
    change() {},
    left: ({ id }) => left.push(id),
    told: ({ about }) => told.push(about),
    activity: ({ id }, { text }) => activity.push([id, text]),
  };
  const account = 1;
  const chat = new Chat({ account, room, open: network.open, clock, random: () => 0.5, outbox, on });
  chat.socket.connect();
  const greeting = welcome(seq, lines(1, seq), { ...(rooms && { rooms }) });
  network.newest.receive(greeting);
  return { clock, network, outbox, chat, left, activity, told, greeting };
}

const sent = (network, type) => network.newest.sentOf(type).map(({ type: _, ...fields }) => fields);
const seqs = (conversation) => conversation.log.lines.map(({ seq }) => seq);
const open = (room, after) => ({ room, ...(after && { after }), count: "messages" });
const said = (room, client_id) => line(9, { room, client_id, name: "alice" });

test("a page of the lobby opens nothing, and shows the server that it wants to hear of all rooms", () => {
  const { network } = enter({ rooms: [summary(1, { last: 3, read: 2 })] });

  assert.deepEqual(network.newest.sent, [{ type: "read", room: 1, seq: 2 }]);
});

test("a page of another room opens it after the welcome, and again on a new connection", () => {
  const { clock, network, chat, greeting } = enter({ room: 2 });
  assert.deepEqual(sent(network, "open"), [open(2)]);
  network.newest.receive(opened(2, 2, lines(1, 2)));
  network.newest.receive({ type: "lines", room: 2, lines: [line(3)] });
  assert.deepEqual(seqs(chat.shown), [1, 2, 3]);

  network.newest.end();
  clock.pass(1_000);
  assert.equal(chat.shown.status, "closed");
  network.newest.receive(greeting);
  assert.deepEqual(sent(network, "open"), [open(2, 3)]);
});

test("showing another room closes the one before, whose lines are kept", () => {
  const { network, chat } = enter({ room: 2 });
  network.newest.receive(opened(2, 2, lines(1, 2)));
  chat.show(3);
  network.newest.receive(opened(3, 1, lines(1, 1)));
  chat.show(2);
  assert.deepEqual(seqs(chat.shown), [1, 2]);

  network.newest.receive(opened(2, 4, lines(3, 4)));
  assert.deepEqual(seqs(chat.shown), [1, 2, 3, 4]);
  assert.deepEqual(sent(network, "close"), [{ room: 2 }, { room: 3 }]);
  assert.deepEqual(sent(network, "open"), [open(2), open(3), open(2, 2)]);
});

test("the lobby is never opened or closed, and its lines come all the time", () => {
  const { network, chat } = enter();
  chat.show(2);
  network.newest.receive({ type: "lines", lines: [line(4)] });
  chat.show(1);

  assert.deepEqual(seqs(chat.shown), [1, 2, 3, 4]);
  assert.deepEqual(sent(network, "open"), [open(2)]);
});

test("an answer that comes after the room was left changes nothing that is shown", () => {
  const { network, chat } = enter();
  chat.show(2);
  chat.show(3);
  network.newest.receive(opened(2, 2, lines(1, 2)));
  assert.deepEqual([seqs(chat.shown), chat.shown.status], [[], "opening"]);

  network.newest.receive(opened(3, 1, lines(1, 1)));
  assert.deepEqual([seqs(chat.shown), chat.shown.status], [[1], "open"]);
});

test("a room that is not answered leads to a new connection", () => {
  const { clock, network, chat } = enter();
  chat.show(2);
  clock.pass(10_000);

  assert.equal(network.webSockets[0].closed, true);
});

test("after a gap in a room its missing lines are asked for", () => {
  const { network, chat } = enter({ room: 2 });
  network.newest.receive(opened(2, 2, lines(1, 2)));
  network.newest.receive({ type: "lines", room: 2, lines: [line(4)] });
  assert.deepEqual(sent(network, "open").at(-1), open(2, 2));

  network.newest.receive(opened(2, 4, lines(3, 4)));
  assert.deepEqual(seqs(chat.shown), [1, 2, 3, 4]);
});

test("messages of several rooms are sent one at a time, in the order in which they were written", () => {
  const { network, outbox, chat } = enter();
  chat.say("a", "in the lobby");
  chat.show(2);
  chat.say("b", "in room 2");
  chat.show(3);
  chat.say("c", "in room 3");
  assert.deepEqual(sent(network, "say"), [{ text: "in the lobby", client_id: "a" }]);
  assert.deepEqual(outbox.of(2).map(({ text }) => text), ["in room 2"]);

  network.newest.receive({ type: "lines", lines: [{ ...said(null, "a"), seq: 4 }] });
  network.newest.receive({ type: "said", room: 2, client_id: "b", seq: 1 });
  network.newest.receive({ type: "lines", room: 3, lines: [{ ...said(3, "c"), seq: 1 }] });
  assert.deepEqual(sent(network, "say").slice(1), [
    { room: 2, text: "in room 2", client_id: "b" },
    { room: 3, text: "in room 3", client_id: "c" },
  ]);
  assert.deepEqual(outbox.messages, []);
});

test("history is requested for one room at a time and goes into its log", () => {
  const { network, chat } = enter();
  chat.show(2);
  network.newest.receive(opened(2, 60, lines(11, 60)));
  const [gap] = chat.shown.log.lines;
  chat.history.load(chat.shown, gap);
  assert.deepEqual(sent(network, "history"), [
    { room: 2, before: 11, limit: 50, count: "messages" },
  ]);

  chat.show(3);
  network.newest.receive({ type: "history", lines: lines(1, 3), more: false }); // of another room
  assert.equal(chat.history.loading, true);
  network.newest.receive({ type: "history", room: 2, lines: lines(1, 10), more: false });
  assert.equal(chat.history.loading, false);
  assert.equal(seqs(chat.conversation(2)).length, 60);
});

test("the members of a room are those of the server, with what its lines say since", () => {
  const { network, chat } = enter({ room: 2 });
  const member = (name, role = "member") => ({ name, guest: false, online: true, role, since: "x" });
  const people = [member("alice", "owner"), member("bob")];
  network.newest.receive(opened(2, 5, lines(1, 5), { people }));
  const change = (seq, kind, name, text = "") => line(seq, { kind, name, text, at: "x" });
  const changes = [
    change(6, "joined", "carol"),
    change(7, "parted", "bob"),
    change(8, "role", "carol", "moderator"),
  ];
  network.newest.receive({ type: "lines", room: 2, lines: changes });

  assert.deepEqual(chat.shown.people, [member("alice", "owner"), member("carol", "moderator")]);
});

test("a room that was left or cannot be read is gone", () => {
  const { network, chat, left } = enter();
  network.newest.receive({ type: "room", change: "left", room: { id: 2, slug: "room-2" } });
  assert.equal(chat.rooms.get(2), undefined);
  chat.show(3);
  network.newest.receive({ type: "error", code: "no_room", text: "", client_id: null, room: 3 });

  assert.deepEqual([left, chat.shown.status], [[2, 3], "refused"]);
});

test("rooms that are joined or changed are in the list", () => {
  const { network, chat } = enter();
  network.newest.receive({ type: "room", change: "joined", room: summary(4, { name: "Garden" }) });
  network.newest.receive({ type: "room", change: "changed", room: summary(2, { topic: "tea" }) });

  assert.deepEqual([chat.rooms.get(4).name, chat.rooms.get(2).topic], ["Garden", "tea"]);
});

test("activity elsewhere changes the counts and is told with its newest line", () => {
  const { network, chat, activity } = enter();
  const counts = { last: 7, unread: 2, mentions: 1 };
  network.newest.receive({ type: "activity", room: 2, ...counts, line: line(7) });
  const { last, unread, mentions } = chat.rooms.get(2);

  assert.deepEqual({ last, unread, mentions }, counts);
  assert.deepEqual(activity, [[2, "text 7"]]);
});

test("a request is answered by its own frame, or by an error, or by the loss of the connection", async () => {
  const { network, chat } = enter();
  const joined = chat.requests.send({ type: "join", room: 5 });
  const refused = chat.requests.send({ type: "topic", room: 2, text: "x" });
  const lost = chat.requests.send({ type: "part", room: 2 });
  const room = summary(5);
  network.newest.receive({ type: "error", code: "not_allowed", text: "No.", answer: "topic" });
  network.newest.receive({ type: "room", change: "joined", room, answer: "join" });
  network.newest.end();
  const away = chat.requests.send({ type: "part", room: 3 });

  assert.deepEqual(await joined, { change: "joined", room });
  assert.deepEqual(await refused, { problem: "No.", code: "not_allowed" });
  assert.match((await lost).problem, /connection was lost/);
  assert.match((await away).problem, /connection was lost/);
});

test("a moderator's request is answered with what it has made", async () => {
  const { network, chat } = enter();
  const muted = chat.requests.send({ type: "moderate", action: "mute", target: "bob", room: 2 });
  network.newest.receive({ type: "done", answer: "moderate", action: "mute", entry: 7, room: 2 });

  assert.deepEqual(await muted, { action: "mute", entry: 7, room: 2 });
});

test("an error about a message says what keeps the user from speaking", () => {
  const { network, chat, clock } = enter();
  const refuse = (code, fields) =>
    network.newest.receive({ type: "error", code, text: "No.", client_id: "x", room: 2, ...fields });
  const until = "2026-11-30T14:05:00Z";
  refuse("muted", { until, reason: "spam" });
  assert.deepEqual(chat.rooms.get(2).muted, { until, reason: "spam" });
  refuse("locked");
  assert.equal(chat.rooms.get(2).locked, true);
  refuse("too_soon", { wait: 12 });
  assert.equal(chat.conversation(2).waitUntil, clock.now() + 12_000);
});

test("a notice to the user alone is passed on", () => {
  const { network, told } = enter();
  network.newest.receive({ type: "told", about: "report" });
  assert.deepEqual(told, ["report"]);
});

test("a server that knows one room only is served as before", () => {
  const { network, chat } = enter({ rooms: null, seq: 2 });
  chat.unread.isReading = true;
  chat.unread.mark(chat.shown);
  network.newest.receive({ type: "lines", lines: [line(3)] });

  assert.deepEqual([network.newest.sent, seqs(chat.shown)], [[], [1, 2, 3]]);
});

test("a room that the server opens later, because of a limit, is awaited for longer", () => {
  const { clock, network, chat } = enter();
  chat.show(2);
  network.newest.receive({ type: "error", code: "too_fast", client_id: null, retry_in: 12 });
  clock.pass(15_000);
  assert.equal(network.newest.closed, false);

  network.newest.receive(opened(2, 1, lines(1, 1)));
  assert.equal(chat.shown.status, "open");
});

test("a room that the server could not open is asked for again after a pause", () => {
  const { clock, network, chat } = enter();
  chat.show(2);
  const failed = { type: "error", code: "try_again", client_id: null, room: 2, answer: "open" };
  network.newest.receive(failed);
  clock.pass(1_000);

  assert.deepEqual(sent(network, "open"), [open(2), open(2)]);
  assert.equal(network.newest.closed, false);
});

test("the messages around a line that is not loaded are requested", () => {
  const { network, chat } = enter({ room: 2 });
  network.newest.receive(opened(2, 500, lines(451, 500)));
  assert.deepEqual([chat.shown.log.lacks(200), chat.shown.log.lacks(470)], [true, false]);
  chat.history.loadAround(chat.shown, 200);
  chat.history.loadAround(chat.shown, 300); // another request is under way
  assert.deepEqual(sent(network, "history"), [
    { room: 2, before: 225, limit: 50, count: "messages" },
  ]);

  network.newest.receive({ type: "history", room: 2, lines: lines(175, 224), more: true });
  assert.equal(chat.shown.log.lacks(200), false);
});
