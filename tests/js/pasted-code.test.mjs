import assert from "node:assert/strict";
import { test } from "node:test";

import { codeBlock, isInBlock, looksLikeCode } from "../../static/chat/core/pasted-code.js";

for (const text of [
  "def f(x):\n    return x * 2",
  "const a = 1;\nconsole.log(a);\n",
  "if (x) {\n\tgo();\n}",
  "<ul>\n  <li>a</li>\n</ul>",
  "$ ls -l\n$ cd /tmp",
  "x = 1\ny = x + 1\nprint(y)",
  "#include <stdio.h>\nint main(void) {\n  return 0;\n}",
  "SELECT *\nFROM room\nWHERE id = 1;",
]) {
  test(`this is code: ${JSON.stringify(text)}`, () => assert.ok(looksLikeCode(text)));
}

for (const text of [
  "print(1);",
  "Hello,\nhow are you?\nSee you tomorrow (or later)",
  "- milk\n- bread",
  "Dear all.\n\nThe meeting is at 10:00.\nBring cake;\nand tea.",
  "```\nx = 1\n  y\n```",
  "",
]) {
  test(`this is no code: ${JSON.stringify(text)}`, () => assert.ok(!looksLikeCode(text)));
}

test("a block is marked by more backticks than it has in a row", () => {
  assert.equal(codeBlock("a\nb\n"), "```\na\nb\n```");
  assert.equal(codeBlock("```\na\n```"), "````\n```\na\n```\n````");
});

test("a place after an opened fence is in a block", () => {
  const text = "a\n```\nb\n```\nc";
  assert.ok(!isInBlock(text, 1));
  assert.ok(isInBlock(text, 6));
  assert.ok(!isInBlock(text, text.length));
});
