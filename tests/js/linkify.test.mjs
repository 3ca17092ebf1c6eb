import assert from "node:assert/strict";
import { test } from "node:test";

import { linkify } from "../../static/chat/core/linkify.js";

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

// Links of almost 2,000 characters, the longest that are recognised. The end of a link is examined
// character by character, which must stay fast.
for (const [description, end, kept] of [
  ["brackets that nothing opened", ")".repeat(1_900), ""],
  ["full stops", ".".repeat(1_900), ""],
  ["brackets and full stops in turn", ").".repeat(950), ""],
  ["brackets that were all opened", "(".repeat(950) + ")".repeat(950), null],
  ["one bracket more than were opened", "(".repeat(949) + ")".repeat(950), "(".repeat(949) + ")".repeat(949)],
  ["full stops before a letter", `${".".repeat(1_900)}x`, null],
]) {
  test(`the longest link may end in ${description}`, () => {
    const text = `https://example.org/${"a".repeat(70)}${end}`;
    assert.ok(text.length > 1_980 && text.length <= 2_000);
    assert.deepEqual(links(text), [`https://example.org/${"a".repeat(70)}${kept ?? end}`]);
    assert.equal(joined(text), text);
  });
}

test("a link that is too long is plain text, whatever characters it has", () => {
  for (const end of [")", ".", "a", "()"]) {
    const text = `https://example.org/${end.repeat(1_990)}`;
    assert.deepEqual(linkify(text), [text]);
  }
});

test("every link in a text full of links is found", () => {
  assert.equal(links("http://a.b/ ".repeat(330)).length, 330);
});
