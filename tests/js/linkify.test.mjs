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

// As long as a link may be: 2,000 characters. What is cut off its end is looked at one by one.
for (const [what, end, kept] of [
  ["brackets that nothing opened", ")".repeat(1_900), ""],
  ["full stops", ".".repeat(1_900), ""],
  ["both in turn", ").".repeat(950), ""],
  ["brackets that all were opened", "(".repeat(950) + ")".repeat(950), null],
  ["one bracket more than were opened", "(".repeat(949) + ")".repeat(950), "(".repeat(949) + ")".repeat(949)],
  ["full stops before a letter", `${".".repeat(1_900)}x`, null],
]) {
  test(`the longest link may end in ${what}`, () => {
    const text = `https://example.org/${"a".repeat(70)}${end}`;
    assert.ok(text.length > 1_980 && text.length <= 2_000);
    assert.deepEqual(links(text), [`https://example.org/${"a".repeat(70)}${kept ?? end}`]);
    assert.equal(joined(text), text);
  });
}

test("a longer one is text, whatever it is made of", () => {
  for (const end of [")", ".", "a", "()"]) {
    const text = `https://example.org/${end.repeat(1_990)}`;
    assert.deepEqual(linkify(text), [text]);
  }
});

test("a text full of links is all links", () => {
  assert.equal(links("http://a.b/ ".repeat(330)).length, 330);
});
