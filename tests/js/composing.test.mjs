import assert from "node:assert/strict";
import { test } from "node:test";

import {
  beginsText,
  charactersLeft,
  describeLength,
  isCommand,
  isSendKey,
} from "../../static/chat/core/composing.js";

test("Enter sends, but not with Shift and not while an input method composes", () => {
  const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

  assert.equal(isSendKey(enter), true);
  assert.equal(isSendKey({ ...enter, shiftKey: true }), false);
  assert.equal(isSendKey({ ...enter, isComposing: true }), false);
  assert.equal(isSendKey({ ...enter, keyCode: 229 }), false);
  assert.equal(isSendKey({ ...enter, key: "a" }), false);
});

test("characters are counted as code points, without blanks around the text", () => {
  assert.equal(charactersLeft(" ab\n", 10), 8);
  assert.equal(charactersLeft("👍👍", 10), 8);
  assert.equal(charactersLeft("x".repeat(12), 10), -2);
});

const LIMITS = { characters: 4000, lines: 100 };
const linesOf = (count) => Array(count).fill("x").join("\n");

for (const [name, text, note, problem] of [
  ["a short text", "hello", "", ""],
  ["nothing", "", "", ""],
  ["401 characters less than the limit", "x".repeat(3599), "", ""],
  ["400 characters less than the limit", "x".repeat(3600), "400 left", ""],
  ["as many characters as fit", "x".repeat(4000), "0 left", ""],
  ["one character too many", "x".repeat(4001), "1 too many", "This is too long"],
  ["as many emoji as fit", "👍".repeat(4000), "0 left", ""],
  ["blanks around the limit", ` ${"x".repeat(4000)}\n\n`, "0 left", ""],
  ["unsafe characters at the ends", `\u202a\n${"x".repeat(4000)}\0`, "0 left", ""],
  ["89 lines", linesOf(89), "", ""],
  ["90 lines", linesOf(90), "10 lines left", ""],
  ["99 lines", linesOf(99), "1 line left", ""],
  ["100 lines", linesOf(100), "0 lines left", ""],
  ["100 lines and empty ones around them", `\n\n${linesOf(100)}\n\n`, "0 lines left", ""],
  ["101 lines", linesOf(101), "1 line too many", "This has too many lines"],
  ["103 lines", linesOf(103), "3 lines too many", "This has too many lines"],
  ["100 lines near the limit", linesOf(100) + "x".repeat(3700), "101 left, 0 lines left", ""],
  [
    "too much of both",
    `${linesOf(102)}${"x".repeat(4000)}`,
    "203 too many, 2 lines too many",
    "This is too long",
  ],
]) {
  test(`the length of ${name}`, () => {
    assert.deepEqual(describeLength(text, LIMITS), { note, problem });
  });
}

test("characters, compositions and pasting begin a text", () => {
  for (const key of ["a", "é", "👍", "/", "Process", "Dead"]) assert.ok(beginsText({ key }), key);
  assert.ok(beginsText({ key: "@", ctrlKey: true, altKey: true })); // AltGr
  assert.ok(beginsText({ key: "v", ctrlKey: true }));
  assert.ok(beginsText({ key: "v", metaKey: true }));
});

test("keys that scroll, and shortcuts, begin no text", () => {
  for (const key of [" ", "Enter", "Tab", "PageUp", "F5", "Shift"]) {
    assert.ok(!beginsText({ key }), key);
  }
  assert.ok(!beginsText({ key: "c", ctrlKey: true }));
  assert.ok(!beginsText({ key: "c", metaKey: true }));
  assert.ok(!beginsText({ key: "f", altKey: true }));
});

test("an action is something to say, and no command", () => {
  for (const text of ["/join garden", "/mend x", "/me"]) assert.ok(isCommand(text), text);
  for (const text of ["/me waves", "//me", "me", ""]) assert.ok(!isCommand(text), text);
});
