import assert from "node:assert/strict";
import { test } from "node:test";

import { describeReactions, hasReacted } from "../../static/chat/core/reactions.js";

test("reactions are counted, with the people in words and oneself at the end", () => {
  assert.deepEqual(describeReactions({ "👍": ["bob"], "🎉": ["alice", "bob", "carol"] }, "alice"), [
    { emoji: "👍", count: 1, isMine: false, who: "bob" },
    { emoji: "🎉", count: 3, isMine: true, who: "bob, carol and you" },
  ]);
  assert.equal(describeReactions({ "👍": ["alice"] }, "alice")[0].who, "you");
  assert.deepEqual(describeReactions(undefined, "alice"), []);
});

test("an emoji is the same reaction with and without the sign for colours", () => {
  const reactions = { "❤": ["alice"] };
  assert.deepEqual(["❤️", "❤", "👍"].map((emoji) => hasReacted(reactions, emoji, "alice")), [true, true, false]);
  assert.equal(hasReacted(reactions, "❤️", "bob"), false);
});

test("a long list of people ends with their number", () => {
  const names = Array.from({ length: 23 }, (_, index) => `person-${index}`);
  const [{ who, count }] = describeReactions({ "👍": names }, "alice");
  assert.match(who, /person-19 and 3 others$/);
  assert.equal(count, 23);
  assert.match(describeReactions({ "👍": names.slice(0, 21) }, "alice")[0].who, / and 1 other$/);
});
