import assert from "node:assert/strict";
import { test } from "node:test";

import { linkify } from "../../static/chat/linkify.js";

const links = (text) => linkify(text).filter((piece) => piece.href).map((piece) => piece.text);
const joined = (text) => linkify(text).map((piece) => piece.text ?? piece).join("");

for (const [text, expected] of [
  ["see https://example.org", ["https://example.org"]],
  ["https://example.org/a?b=c&d#e f", ["https://example.org/a?b=c&d#e"]],
  ["at https://example.org.", ["https://example.org"]],
  ["(https://example.org/a)", ["https://example.org/a"]],
  ["https://example.org/a_(b)", ["https://example.org/a_(b)"]],
  ["(see https://example.org/a_(b).)", ["https://example.org/a_(b)"]],
  ["“https://example.org/a”, he said", ["https://example.org/a"]],
  ["http://one.example, https://two.example!", ["http://one.example", "https://two.example"]],
  ["HTTPS://EXAMPLE.ORG/A", ["HTTPS://EXAMPLE.ORG/A"]],
  ["https://example.org/weg/zum/café/日本", ["https://example.org/weg/zum/café/日本"]],
  ["http://[::1]:8000/x", ["http://[::1]:8000/x"]],
  ["javascript:alert(1) data:text/html,x file:///etc", []],
  ["https:// http://", []],
  ["xhttps://example.org", []],
  ["<https://example.org>", ["https://example.org"]],
  ['https://example.org/"onclick="alert(1)', ["https://example.org/"]],
  ["nothing here", []],
  ["", []],
]) {
  test(`the links of: ${text}`, () => {
    assert.deepEqual(links(text), expected);
    assert.equal(joined(text), text);
  });
}

test("a long text of brackets takes no time", () => {
  const text = `https://example.org/${")".repeat(3_900)}`;
  const begun = performance.now();
  assert.equal(joined(text), text);
  assert.ok(performance.now() - begun < 1_000);
});

test("a text made to take long takes no time", () => {
  for (const hostile of [
    `http://a${".".repeat(2000)}x${")".repeat(1990)}`,
    `http://a${".".repeat(1990)}`,
    `http://a${"(".repeat(900)}${")".repeat(1000)}`,
    "http://a.b/ ".repeat(330),
  ]) {
    const start = performance.now();
    assert.equal(joined(hostile), hostile);
    assert.ok(performance.now() - start < 500);
  }
});
