import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { findEmoji, groupsOf, loadEmoji } from "../../static/chat/extras/emoji-search.js";

const FILE = new URL("../../static/chat/extras/emoji.json", import.meta.url);
const data = readFileSync(FILE, "utf8");
const groups = groupsOf(JSON.parse(data));
const all = groups.flatMap(({ emoji }) => emoji);
const found = (typed, limit = 5) => findEmoji(groups, typed, limit).map(({ emoji }) => emoji);

test("all emoji of Unicode are there, each once, in the form for interchange", () => {
  const every = all.flatMap(({ emoji, variants }) => [emoji, ...variants]);
  assert.ok(every.length > 3_900);
  assert.equal(new Set(every).size, every.length);
  for (const emoji of every) assert.match(emoji, /^\p{RGI_Emoji}$|^\p{Emoji_Component}$|[\u{1f6d9}-\u{1faff}]/v, emoji);
});

test("groups have names, and each emoji a name and a code without blanks", () => {
  assert.equal(groups.length, 9);
  for (const { name, code, words } of all) {
    assert.ok(name && words.length, name);
    assert.match(code, /^[^\s:]+$/);
  }
});

for (const [typed, expected] of [
  ["thumbsup", "👍"],
  ["thumbs up", "👍"],
  [":+1:", "👍"],
  ["HEART", "❤️"],
  ["hea", "❤️"],
  ["tada", "🎉"],
  ["party pop", "🎉"],
  ["cote ivoire", "🇨🇮"],
  ["laugh", "😆"],
]) {
  test(`${typed} finds ${expected}`, () => assert.ok(found(typed).includes(expected), found(typed)));
}

test("a code that is typed in full comes first", () => {
  for (const { emoji, code } of all.filter(({ code }, index) => index % 50 === 0 && /^[a-z_]+$/.test(code))) {
    const [first] = findEmoji(groups, code, 1);
    assert.equal(first.code, code, emoji);
  }
});

test("tones of skin are found by their names, and are not in the way otherwise", () => {
  assert.deepEqual(found("waving dark skin", 1), ["👋🏿"]);
  assert.ok(found("handshake light dark", 20).includes("🫱🏻‍🫲🏿"));
  assert.ok(!found("waving", 100).some((emoji) => /[\u{1f3fb}-\u{1f3ff}]/u.test(emoji)));
});

test("nothing is found for what means nothing, and the number is limited", () => {
  assert.deepEqual(found("qqqq"), []);
  assert.deepEqual(found(" : "), []);
  assert.equal(found("a", 7).length, 7);
});

test("the data is loaded once, and again after a failure", async () => {
  const asked = [];
  globalThis.fetch = async (address) => {
    asked.push(address);
    return { ok: asked.length > 1, json: async () => JSON.parse(data) };
  };
  await assert.rejects(loadEmoji("/emoji.json"));
  const [first, second] = await Promise.all([loadEmoji("/emoji.json"), loadEmoji("/emoji.json")]);
  assert.equal(first, second);
  assert.equal(asked.length, 2);
});
