import assert from "node:assert/strict";
import { test } from "node:test";

import { line } from "./fakes.mjs";
import { mentionsIn, splitMentions } from "../../static/chat/core/mentions.js";

test("a mention is found whatever its case, and joined pieces are the text", () => {
  const text = "hi @Ann, and @ann: come";
  const pieces = splitMentions(text, ["ann"]);

  assert.deepEqual(pieces, ["hi ", { mention: "@Ann" }, ", and ", { mention: "@ann" }, ": come"]);
});

for (const [text, expected] of [
  ["@ann", true],
  ["(@ann)", true],
  ["@ann.", true],
  ["@ann's turn", true],
  ["@anna", false],
  ["@ann-marie", false],
  ["@ann_b", false],
  ["@annä", false],
  ["joe@ann", false],
  ["ann", false],
  ["@bob @ann", true],
]) {
  test(`${text} ${expected ? "mentions" : "does not mention"} ann`, () => {
    assert.deepEqual(mentionsIn(line(1, { text }), "ann"), expected ? ["ann"] : []);
  });
}

test("an answer means the person whom it quotes, unless they answer themselves", () => {
  const quote = { name: "ann", text: "hello" };
  assert.deepEqual(mentionsIn(line(1, { text: "yes", of: 3, quote }), "ann"), ["ann"]);
  assert.deepEqual(mentionsIn(line(1, { text: "yes", of: 3, quote }), "joe"), []);
  assert.deepEqual(mentionsIn(line(1, { text: "yes", of: 3, quote, name: "ann" }), "ann"), []);
  const guest = line(1, { text: "yes", of: 3, quote, name: "ann", guest: true });
  assert.deepEqual(mentionsIn(guest, "ann"), ["ann"]);
});

test("nobody is mentioned while one's own name is not known", () => {
  assert.deepEqual(mentionsIn(line(1, { text: "hi @ann" }), null), []);
});

test("moderators and owners of the room mean everybody in it", () => {
  const people = [{ name: "bob", role: "moderator" }, { name: "carol", role: "member" }];
  const called = (name, changes = {}) =>
    mentionsIn(line(1, { name, text: "tea, @room and @ann!", ...changes }), "ann", people);

  assert.deepEqual(called("bob"), ["ann", "room"]);
  assert.deepEqual(called("carol"), ["ann"]);
  assert.deepEqual(called("bob", { guest: true }), ["ann"]);
  assert.deepEqual(called("bob", { text: "the @rooms" }), []);
  assert.deepEqual(splitMentions("@room, @Ann", ["ann", "room"]), [
    { mention: "@room" },
    ", ",
    { mention: "@Ann" },
  ]);
});

test("in a message with spans only those whom the server has found are mentioned", () => {
  const spans = [[3, 4, "mention", "ann"], [8, 5, "mention", "room"], [14, 4, "mention", "bob"]];
  const said = line(1, { text: "hi @ANN @room @bob `@ann`", spans });

  assert.deepEqual(mentionsIn(said, "ann"), ["ann", "room"]);
  assert.deepEqual(mentionsIn({ ...said, spans: [[0, 1, "bold"]] }, "ann"), []);
});
