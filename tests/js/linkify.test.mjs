import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { linkify } from "../../static/chat/core/linkify.js";

const CASES = JSON.parse(readFileSync(new URL("../markup/links.json", import.meta.url), "utf8"));

const links = (text) => linkify(text).filter((piece) => piece.href).map((piece) => piece.text);
const joined = (text) => linkify(text).map((piece) => piece.text ?? piece).join("");

for (const { text, links: expected } of CASES) {
  test(`the links of: ${JSON.stringify(text)}`, () => {
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
