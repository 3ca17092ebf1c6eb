import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomList } from "../../static/chat/core/room-list.js";
import { completions, replaced, wordBefore } from "../../static/chat/extras/completion-words.js";
import { groupsOf } from "../../static/chat/extras/emoji-search.js";
import { summary } from "./fakes.mjs";

const word = (text) => wordBefore(text, text.length);

for (const [text, expected] of [
  ["@", { sign: "@", typed: "", begin: 0 }],
  ["hi @an", { sign: "@", typed: "an", begin: 3 }],
  ["(#gar", { sign: "#", typed: "gar", begin: 1 }],
  ["two\n@ä", { sign: "@", typed: "ä", begin: 4 }],
  ["joe@an", null],
  [":tad", { sign: ":", typed: "tad", begin: 0 }],
  ["so :+1:", { sign: ":", typed: "+1", begin: 3 }],
  ["see :D", null],
  ["at 12:30", null],
  ["/jo", { sign: "/", typed: "jo", begin: 0 }],
  ["and/or", null],
  ["so /jo", null],
  ["@an ", null],
  ["", null],
]) {
  test(`the word to complete in ${JSON.stringify(text)}`, () => assert.deepEqual(word(text), expected));
}

const rooms = new RoomList();
rooms.replace([
  summary(1),
  summary(2, { slug: "garden", name: "Rose garden" }),
  summary(3, { kind: "direct", people: ["garry"] }),
]);
const named = (...names) => names.map((name) => ({ name }));
const context = {
  members: named("alice", "joanna", "anton"),
  people: named("anna", "anton", "bob"),
  rooms,
  you: "alice",
  room: rooms.get(1),
};
const texts = (typed) => completions(word(typed), context).map(({ text }) => text);

test("members of the room come first, then others, and oneself is not offered", () => {
  assert.deepEqual(texts("@an"), ["@anton", "@joanna", "@anna"]);
  assert.deepEqual(texts("@al"), []);
});

test("rooms are found by name and address, without direct ones", () => {
  assert.deepEqual(texts("#gar"), ["#garden"]);
  assert.deepEqual(texts("#rose"), ["#garden"]);
});

test("emoji are found by their codes, once they are loaded", () => {
  assert.deepEqual(texts(":tada"), []);
  const emoji = groupsOf({ groups: [["Activities", [["🎉", "party popper", "tada hooray"]]]] });
  assert.deepEqual(completions(word("yes :tad"), { ...context, emoji }), [{ text: "🎉", note: ":tada:" }]);
  assert.deepEqual(replaced("a :tada: b", 8, wordBefore("a :tada: b", 8), "🎉").text, "a 🎉 b");
});

test("commands are completed, and one that is written in full is left alone", () => {
  assert.deepEqual(completions(word("/to"), context), [{ text: "/topic", note: "[TEXT]" }]);
  assert.ok(texts("/").includes("/join"));
  assert.ok(texts("/m").includes("/me"));
  assert.deepEqual(texts("/leave"), []);
});

test("the word is replaced, and the caret stands after it", () => {
  const text = "hi @an and so on";
  assert.deepEqual(replaced(text, 6, wordBefore(text, 6), "@anton"), {
    text: "hi @anton and so on",
    caret: 10,
  });
});
