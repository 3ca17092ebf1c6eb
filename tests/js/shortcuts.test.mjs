import assert from "node:assert/strict";
import { test } from "node:test";

import { shortcutFor } from "../../static/chat/core/shortcuts.js";

for (const [name, event, expected] of [
  ["Ctrl+K", { key: "k", ctrlKey: true }, { action: "switch" }],
  ["Command+K", { key: "K", metaKey: true }, { action: "switch" }],
  ["Ctrl+Shift+K", { key: "K", ctrlKey: true, shiftKey: true }, null],
  ["Alt+Up", { key: "ArrowUp", altKey: true }, { action: "move", step: -1 }],
  ["Alt+Down", { key: "ArrowDown", altKey: true }, { action: "move", step: 1 }],
  [
    "Alt+Shift+Down",
    { key: "ArrowDown", altKey: true, shiftKey: true },
    { action: "moveToUnread", step: 1 },
  ],
  ["Escape", { key: "Escape" }, { action: "markRead" }],
  ["?", { key: "?", shiftKey: true }, { action: "help" }],
  ["Up", { key: "ArrowUp" }, null],
  ["k", { key: "k" }, null],
]) {
  test(`the shortcut ${name}`, () => {
    assert.deepEqual(shortcutFor(event, false), expected);
  });
}

test("a question mark is text where one writes", () => {
  assert.equal(shortcutFor({ key: "?" }, true), null);
});
