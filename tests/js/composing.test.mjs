import assert from "node:assert/strict";
import { test } from "node:test";

import { charactersLeft, isSendKey } from "../../static/chat/core/composing.js";

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
