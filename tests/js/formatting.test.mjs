import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { line } from "./fakes.mjs";
import { actionOf, isAction, nodesOf, plainTextOf, textBetween, treeOf } from "../../static/chat/core/formatting.js";

const CASES = JSON.parse(readFileSync(new URL("../markup/trees.json", import.meta.url), "utf8"));

for (const { text, spans, tree } of CASES) {
  test(`the tree of ${JSON.stringify(text)}`, () => assert.deepEqual(treeOf(text, spans ?? []), tree));
}

test("links and mentions are found in messages without spans", () => {
  const nodes = nodesOf(line(1, { text: "@ann see https://a.b/*c*" }), ["ann"]);

  assert.deepEqual(nodes, [
    { kind: "mention", value: "ann", children: ["@ann"] },
    " see ",
    { kind: "link", children: ["https://a.b/*c"] },
    "*",
  ]);
});

test("spans say alone what is formatted", () => {
  const text = "@ann https://a.b **x**";
  assert.deepEqual(nodesOf({ text, spans: [[17, 2, "escape"]] }, ["ann"]), ["@ann https://a.b x**"]);
});

test("what somebody does is shown without the word", () => {
  assert.deepEqual(actionOf(["/me waves"]), ["waves"]);
  assert.deepEqual(actionOf(["/me ", { kind: "italic", children: ["waves"] }]), [
    { kind: "italic", children: ["waves"] },
  ]);
  assert.ok(isAction({ text: "/me waves" }));
  for (const text of ["/me", "/meow", "me waves", " /me waves", "\\/me waves", ""]) {
    assert.ok(!isAction({ text }), text);
  }
  assert.ok(!isAction({ text: "/me waves", removed: true }));
});

test("an empty line beside a block is left out, because blocks have a distance", () => {
  const [list, quote] = ["list", "quote"].map((kind) => ({ kind, children: [] }));
  const shown = (...nodes) =>
    nodes.map((node, index) => (node.kind ? node.kind : textBetween(nodes, index)));

  assert.deepEqual(shown("a\n", list, "\n", quote, "\n\nb"), ["a\n", "list", "", "quote", "\nb"]);
  assert.deepEqual(shown("a\n\n", list, "b\n\n"), ["a\n", "list", "b\n\n"]);
  assert.deepEqual(shown("\na", { kind: "bold" }, "\n\n"), ["\na", "bold", "\n\n"]);
});

test("a message can be told without its marks", () => {
  const text = "- **a** b";
  const spans = [[0, 2, "escape"], [2, 7, "item"], [2, 2, "escape"], [4, 1, "bold"], [5, 2, "escape"]];

  assert.equal(plainTextOf(line(1, { text, spans })), "a b");
  assert.equal(plainTextOf(line(1, { name: "ann", text: "/me waves" })), "ann waves");
});

test("a message of the greatest length with as many spans as there may be is quickly a tree", () => {
  const text = "*a* ".repeat(1_000);
  const spans = Array.from({ length: 500 }, (_, index) => [index * 4, 1, "italic"]);
  const began = process.cpuUsage(); // which other programs do not lengthen
  for (let turn = 0; turn < 10; turn += 1) treeOf(text, spans);

  assert.ok(process.cpuUsage(began).user < 500_000); // microseconds
});
