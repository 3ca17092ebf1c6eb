// A formatted text as a tree. chat/markup/nodes.py makes the same trees, and one file of cases holds
// both (tests/markup/trees.json).

import { linkify } from "./linkify.js";
import { splitMentions } from "./mentions.js";

const SHOWN = ["bold", "italic", "strike", "code", "block", "quote", "item", "link", "mention", "room"];
const MARKS = "escape"; // the kind of what is not shown
const BLOCKS = ["list", "quote", "block"];
const ACTION = "/me ";

/**
 * The nodes of a message: strings, and {kind, children, value}. `names` are those by which it means
 * the user. Only the server finds formatting. Messages without spans are those that it has not saved
 * yet, old ones, and plain ones; in these, links and mentions of the user are found here.
 */
export function nodesOf({ text, spans }, names = []) {
  if (spans) return treeOf(text, spans);
  return linkify(text).flatMap((piece) => {
    if (piece.href) return [{ kind: "link", children: [piece.text] }];
    return splitMentions(piece, names).map((part) =>
      part.mention ? { kind: "mention", value: names[0], children: [part.mention] } : part,
    );
  });
}

/** Whether a message says what its author does, as "/me waves" does. */
export function isAction({ text, removed }) {
  return text.startsWith(ACTION) && !removed;
}

/** The nodes of an action, without its first word. */
export function actionOf([first, ...others]) {
  return [first.slice(ACTION.length), ...others].filter(Boolean);
}

/** A message as plain text, without marks. */
export function plainTextOf(line) {
  const nodes = nodesOf(line);
  return isAction(line) ? `${line.name} ${textOf(actionOf(nodes))}` : textOf(nodes);
}

/** The text of a message without marks. */
export function withoutMarks({ text, spans }) {
  return spans ? textOf(treeOf(text, spans)) : text;
}

/**
 * The text of the node at an index, as it is shown between blocks: these have a distance from what
 * stands beside them, so one empty line is left out there.
 */
export function textBetween(nodes, index) {
  const isBlock = (node) => BLOCKS.includes(node?.kind);
  const text = isBlock(nodes[index - 1]) ? nodes[index].replace(/^\n/, "") : nodes[index];
  return isBlock(nodes[index + 1]) ? text.replace(/\n\n$/, "\n") : text;
}

/** The text of some nodes. */
export function textOf(nodes) {
  return nodes.map((node) => (node.children ? textOf(node.children) : node)).join("");
}

/** The nodes of a text with these spans. Items that follow each other are in a node "list". */
export function treeOf(text, spans) {
  return nodesBetween(text, fitting(text, spans), 0, text.length);
}

/** The spans that lie in the text and nest, as {start, end, kind, value}. */
function fitting(text, spans) {
  const found = [];
  const openEnds = [text.length];
  for (const [start, length, kind, value] of spans) {
    const end = start + length;
    const isKnown = kind === MARKS || SHOWN.includes(kind);
    if (!isKnown || !(start < end) || !isPlace(text, start) || !isPlace(text, end)) continue;
    while (openEnds.length > 1 && openEnds.at(-1) <= start) openEnds.pop();
    if (start < (found.at(-1)?.start ?? 0) || end > openEnds.at(-1)) continue;
    found.push({ start, end, kind, value });
    openEnds.push(end);
  }
  return found;
}

/** Whether a place is in the text, and not within a character. */
function isPlace(text, place) {
  const isCut = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, place - 1), place + 1));
  return place >= 0 && place <= text.length && (place === 0 || !isCut);
}

function nodesBetween(text, spans, begin, end) {
  const nodes = [];
  let place = begin;
  for (let index = 0; index < spans.length; ) {
    const span = spans[index];
    const after = spans.findIndex((other, at) => at > index && other.end > span.end);
    const next = after < 0 ? spans.length : after;
    addText(nodes, text.slice(place, span.start));
    if (span.kind !== MARKS) {
      addNode(nodes, span, nodesBetween(text, spans.slice(index + 1, next), span.start, span.end));
    }
    place = span.end;
    index = next;
  }
  addText(nodes, text.slice(place, end));
  return nodes;
}

function addNode(nodes, { kind, value }, children) {
  const node = value === undefined ? { kind, children } : { kind, value, children };
  const last = nodes.at(-1);
  if (kind !== "item") nodes.push(node);
  else if (last?.kind === "list" && (last.value === undefined) === (value === undefined)) {
    last.children.push(node);
  } else nodes.push({ ...node, kind: "list", children: [node] });
}

function addText(nodes, text) {
  if (!text) return;
  if (typeof nodes.at(-1) === "string") nodes.push(nodes.pop() + text);
  else nodes.push(text);
}
