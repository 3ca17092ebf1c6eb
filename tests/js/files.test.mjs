import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesText, shownSize, summaryOf } from "../../static/chat/core/files.js";

test("images fit into the log and keep their proportions", () => {
  assert.deepEqual(shownSize({ width: 1200, height: 800 }), { width: 320, height: 213 });
  assert.deepEqual(shownSize({ width: 800, height: 1200 }), { width: 160, height: 240 });
  assert.deepEqual(shownSize({ width: 100, height: 50 }), { width: 100, height: 50 });
});

test("thin and tiny images can be pressed", () => {
  assert.deepEqual(shownSize({ width: 4000, height: 10 }), { width: 320, height: 32 });
  assert.deepEqual(shownSize({ width: 1, height: 1 }), { width: 32, height: 32 });
});

test("sizes are rounded", () => {
  assert.equal(bytesText(1), "1 byte");
  assert.equal(bytesText(999), "999 bytes");
  assert.equal(bytesText(12_345), "12 KB");
  assert.equal(bytesText(2_340_000), "2.3 MB");
});

test("a message without a text is summed up by the names of its files", () => {
  const files = [{ name: "a.png" }, { name: "b.pdf" }];
  assert.equal(summaryOf({ text: "", files }), "a.png, b.pdf");
  assert.equal(summaryOf({ text: "look", files }), "look");
  assert.equal(summaryOf({ text: "" }), "");
});
