import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomList } from "../../static/chat/core/room-list.js";
import { choicesFor } from "../../static/chat/extras/choices.js";
import { summary } from "./fakes.mjs";

const rooms = new RoomList();
rooms.replace([
  summary(1),
  summary(2, { name: "Garden" }),
  summary(3, { name: "Old garden", unread: 2 }),
  summary(4, { kind: "direct", name: "", people: ["gabi"], unread: 1 }),
]);
const people = ["alice", "gary", "telly"].map((name) => ({ name, guest: name === "telly" }));
const names = (typed) =>
  choicesFor(typed, { rooms, people, you: "alice", shownId: 1 })
    .filter(({ search }) => !search)
    .map(({ name }) => name);

test("without a text the rooms are offered, those with something unread first", () => {
  assert.deepEqual(names(""), ["gabi", "Old garden", "Garden"]);
});

test("rooms and people are found by a part of their names, whatever its case", () => {
  assert.deepEqual(names("GAR"), ["Garden", "gary", "Old garden"]);
  assert.deepEqual(names("nothing"), []);
});

test("neither oneself nor guests are offered, and not the room that is shown", () => {
  assert.deepEqual(names("l").filter((name) => ["alice", "telly", "Lobby"].includes(name)), []);
});

test("the last choice searches messages for what was typed", () => {
  const found = (typed) => choicesFor(typed, { rooms, people, you: "alice", shownId: 1 });
  assert.deepEqual(found(" gar ").at(-1), { name: "gar", search: "gar" });
  assert.deepEqual(found("nothing"), [{ name: "nothing", search: "nothing" }]);
  assert.ok(found(" ").every(({ search }) => !search));
});
