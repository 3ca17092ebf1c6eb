// The elements of a formatted text. What people wrote becomes text, never markup.

import { textBetween, textOf } from "../core/formatting.js";
import { setText } from "./dom-updates.js";
import { pathOf } from "./navigation.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code", quote: "blockquote" };
const COPIED_TIME = 2_000; // ms for which a button says that it has copied

/** The DOM nodes for the nodes of a text; `names` are those by which it means the user. */
export function elementsFor(nodes, names = []) {
  const fill = (node, children = node.children) => elementsFor(children, names);
  return nodes.map((node, index) => {
    if (typeof node === "string") return document.createTextNode(textBetween(nodes, index));
    return MAKERS[node.kind]?.(node, { names, fill }) ?? make(TAGS[node.kind], {}, ...fill(node));
  });
}

const MAKERS = {
  link: ({ children, value }) => {
    const address = textOf(children);
    if (!/^https?:\/\//i.test(address)) return document.createTextNode(address);
    const rel = "noopener noreferrer nofollow";
    const link = make("a", { href: address, target: "_blank", rel }, address);
    if (value) link.dataset.host = value; // the address looks like another one
    return link;
  },
  mention: ({ children, value }, { names, fill }) =>
    make(names.includes(value) ? "mark" : "bdi", { className: "name" }, ...fill({ children })),
  room: ({ children, value }, { fill }) =>
    make("a", { className: "name", href: pathOf(value) }, ...fill({ children })),
  list: ({ children, value }, { fill }) => {
    if (value === undefined) return make("ul", {}, ...fill({ children }));
    return make("ol", { start: value }, ...fill({ children }));
  },
  item: ({ children, value }, { fill }) =>
    make("li", value === undefined ? {} : { value }, ...fill({ children })),
  block: codeBlock,
};

function codeBlock({ children }) {
  const code = make("code", { dir: "ltr" }, textOf(children).replace(/\n$/, ""));
  // The keyboard can scroll what has the focus.
  const pre = make("pre", { tabIndex: 0 }, code);
  const button = make("button", { type: "button", className: "link copy" }, "Copy");
  button.addEventListener("click", () => copy(code, button));
  return make("div", { className: "code" }, pre, button);
}

/** Browsers offer the newer way to copy on encrypted pages only. */
function copy(code, button) {
  const selection = getSelection();
  selection.selectAllChildren(code);
  const isCopied = document.execCommand("copy");
  selection.removeAllRanges();
  setText(button, isCopied ? "Copied" : "Not copied");
  setTimeout(() => setText(button, "Copy"), COPIED_TIME);
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
