import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomList } from "../../static/chat/core/room-list.js";
import { actionsOn, fitting, placesFor } from "../../static/chat/extras/moderation-rules.js";
import { summary } from "./fakes.mjs";

const ALL = ["mute", "unmute", "kick", "ban", "unban", "purge", "unpurge", "slow"];
const OFFERED = ["mute", "kick", "ban", "purge"];

function place({ role = "moderator", lobby = [], shown = 2, moderate = ALL } = {}) {
  const rooms = new RoomList();
  rooms.replace([summary(1, { moderate: lobby }), summary(2, { role, moderate })]);
  return { room: rooms.get(shown), rooms, you: "alice" };
}

test("actions are offered on people of a lower rank, and never on oneself", () => {
  assert.deepEqual(actionsOn({ name: "bob", role: "member" }, place()), OFFERED);
  assert.deepEqual(actionsOn({ name: "bob", guest: true }, place()), OFFERED);
  assert.deepEqual(actionsOn({ name: "bob", role: "moderator" }, place()), []);
  assert.deepEqual(actionsOn({ name: "bob", role: "moderator" }, place({ role: "owner" })), OFFERED);
  assert.deepEqual(actionsOn({ name: "alice", role: "member" }, place()), []);
  assert.deepEqual(actionsOn({ name: "bob", role: "member" }, place({ moderate: [] })), []);
});

test("site moderators are offered actions on everybody, also where they are no members", () => {
  const visitor = place({ role: null, lobby: ALL });
  assert.deepEqual(actionsOn({ name: "bob", role: "owner" }, visitor), OFFERED);
});

test("an action takes effect in the room, or on the whole site for site moderators", () => {
  assert.deepEqual(placesFor(place()), [2]);
  assert.deepEqual(placesFor({ ...place(), room: undefined }), []);
  assert.deepEqual(placesFor(place({ lobby: ALL })), [2, null]);
  assert.deepEqual(placesFor(place({ lobby: ALL, shown: 1 })), [null]);
  assert.deepEqual(placesFor(place({ lobby: ["mute"], shown: 1 })), [1]);
});

test("a sanction ends on the whole site before it ends in the lobby, which includes the site", () => {
  const mutes = [1, null].map((room) => ({ kind: "mute", room, lift: true }));
  const unmute = { action: "unmute", places: [null, 1] };
  assert.deepEqual(fitting("mute", mutes, [null]).end, unmute);
  assert.deepEqual(fitting("mute", mutes.toReversed(), [null]).end, unmute);
});

test("a sanction begins where none holds that may not be lifted, and ends where one may", () => {
  const mute = { kind: "mute", room: 2, lift: true };
  const onSite = { kind: "mute", room: null, lift: false };
  const kick = { kind: "kick", room: 2, lift: true };
  const ban = { kind: "ban", room: 2, lift: true };
  const places = [2, null];
  const onlyBegin = { begin: places, end: null };
  const unmute = { action: "unmute", places: [2] };
  const unban = { action: "unban", places: [2] };
  assert.deepEqual(fitting("mute", [], places), onlyBegin);
  assert.deepEqual(fitting("mute", [ban], places), onlyBegin);
  assert.deepEqual(fitting("mute", [mute], places), { begin: places, end: unmute });
  assert.deepEqual(fitting("mute", [mute, onSite], places), { begin: [2], end: unmute });
  const held = { ...mute, lift: false };
  const nowhere = { action: "unmute", places: [] };
  assert.deepEqual(fitting("mute", [onSite], places), { begin: [2], end: nowhere });
  assert.deepEqual(fitting("mute", [held], [2]), { begin: [], end: nowhere });
  assert.deepEqual(fitting("kick", [kick], places), { begin: places, end: unban });
  assert.deepEqual(fitting("ban", [kick], places), onlyBegin);
  assert.deepEqual(fitting("ban", [kick, ban], places), { begin: places, end: unban });
  assert.deepEqual(fitting("kick", [kick, ban], places), onlyBegin);
});

test("a kick ends beside a ban in the same place if the ban ends too, or by itself if it alone may be lifted", () => {
  const kick = { kind: "kick", room: 2, lift: true };
  const ban = { kind: "ban", room: 2, lift: true };
  const end = { action: "unban", places: [2] };
  const held = { ...ban, lift: false };
  assert.deepEqual(fitting("kick", [kick, held], [2]).end, end);
  assert.deepEqual(fitting("kick", [kick, { ...ban, room: null }], [2]).end, end);
  assert.equal(fitting("kick", [{ ...kick, lift: false }, held], [2]).end, null);
  assert.equal(fitting("kick", [{ ...kick, lift: false }, ban], [2]).end, null);
});
