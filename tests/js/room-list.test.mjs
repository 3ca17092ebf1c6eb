import assert from "node:assert/strict";
import { test } from "node:test";

import { countText, isUnread, mentionsOf, RoomList, titleOf } from "../../static/chat/core/room-list.js";
import { summary } from "./fakes.mjs";

function listOf(...summaries) {
  const list = new RoomList();
  list.replace(summaries);
  return list;
}

test("rooms are listed by kind and name, with the lobby first", () => {
  const list = listOf(
    summary(1, { name: "Zoo" }),
    summary(2, { name: "Room 10" }),
    summary(3, { name: "Room 9" }),
    summary(4, { kind: "direct", name: "", people: ["bob"] }),
    summary(5, { kind: "private", name: "Board" }),
    summary(6, { role: null }),
  );

  const titles = (shown) => list.sections(shown).map((section) => section.map(titleOf));
  assert.deepEqual(titles(1), [[], ["Zoo", "Room 9", "Room 10"], ["Board"], ["bob"]]);
  assert.deepEqual(titles(6)[1], ["Zoo", "Room 6", "Room 9", "Room 10"]);
});

test("a direct room is named by the others in it", () => {
  assert.equal(titleOf(summary(2, { kind: "direct", people: ["bob", "carol"] })), "bob, carol");
  assert.equal(titleOf(summary(2, { kind: "direct", name: "" })), "Only you");
  assert.equal(titleOf(summary(2, { name: "" })), "room-2");
});

test("in a direct room every unread message counts as a mention", () => {
  const counts = { unread: 4, mentions: 1 };
  assert.equal(mentionsOf(summary(2, counts)), 1);
  assert.equal(mentionsOf(summary(2, { ...counts, kind: "direct" })), 4);
  assert.equal(mentionsOf(summary(2, { ...counts, level: "nothing" })), 0);
  assert.equal(isUnread(summary(2, { ...counts, level: "nothing" })), false);
});

test("the mentions of all rooms are counted together", () => {
  const direct = { kind: "direct", unread: 3 };
  assert.equal(listOf(summary(1, { mentions: 2 }), summary(2, direct)).mentions, 5);
  assert.equal(listOf(summary(1)).hasUnread, false);
});

test("counts stop where those of the server stop", () => {
  const list = listOf(summary(1, { last: 5, unread: 100 }));
  list.countMessage(1, 6, { unread: true, mention: false });

  assert.equal(list.get(1).unread, 100);
  assert.deepEqual([countText(99), countText(100)], ["99", "99+"]);
});

test("a change of a room that is not known is ignored", () => {
  const list = listOf(summary(1));
  list.update({ id: 9, unread: 4 });
  list.countMessage(9, 3, { unread: true, mention: true });

  assert.deepEqual(list.all.map(({ id }) => id), [1]);
});

test("the next room with unread messages is found in both directions", () => {
  const list = listOf(summary(1), summary(2, { unread: 1 }), summary(3), summary(4, { unread: 1 }));

  assert.equal(list.neighbour(1, 1).id, 2);
  assert.equal(list.neighbour(1, -1).id, 4);
  assert.equal(list.neighbour(2, 1, isUnread).id, 4);
  assert.equal(list.neighbour(4, 1, isUnread).id, 2);
  assert.equal(list.neighbour(2, -1, isUnread).id, 4);
  assert.equal(listOf(summary(1)).neighbour(1, 1, isUnread), undefined);
});

test("favourites come first, whatever their kind", () => {
  const wanted = { kind: "private", favourite: true };
  const list = listOf(summary(1), summary(2), summary(3, wanted), summary(4, { favourite: true }));
  const ids = (section) => section.map(({ id }) => id);
  assert.deepEqual(list.sections(1).map(ids), [[3, 4], [1, 2], [], []]);

  list.update({ id: 4, favourite: false });
  assert.deepEqual(list.sections(1).map(ids), [[3], [1, 2, 4], [], []]);
});

test("the revision changes with what is shown, and not with people who come and go", () => {
  const list = listOf(summary(1, { last: 5 }));
  const before = list.revision;
  list.countMessage(1, 6, { unread: false, mention: false });
  assert.deepEqual([list.revision, list.get(1).last], [before, 6]);
  list.countMessage(1, 7, { unread: true, mention: false });
  assert.notEqual(list.revision, before);
});
