// Pasting into the composer: formatted text as markup, and the offer to make code a block.

import { codeBlock, isInBlock, looksLikeCode, marksOfBlock } from "../core/pasted-code.js";
import { replaceText } from "../room/undoable.js";

const MARKS = { B: "**", STRONG: "**", I: "*", EM: "*", S: "~~", DEL: "~~", STRIKE: "~~" };
const HEADINGS = /^H[1-6]$/;
const BLOCKS = "ADDRESS ARTICLE ASIDE DD DIV DL DT FIGURE FOOTER HEADER MAIN NAV SECTION TABLE TR";
const APART = "H1 H2 H3 H4 H5 H6 P"; // an empty line stands between these and others
const LEFT_OUT = "BUTTON HEAD META NOSCRIPT SCRIPT STYLE TEMPLATE TITLE";
const isOneOf = (names, node) => names.split(" ").includes(node.nodeName);

/** The markup for a formatted text. Documents that are made in this way load and run nothing. */
export function markupOf(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return textOf(body)
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The text of a node; one in a line keeps its blanks at both ends. */
function textOf(parent, { inLine = false } = {}) {
  let text = "";
  const startBlock = (distance) => {
    text = text.replace(/[ \n]+$/, "");
    if (text) text += distance;
  };
  for (const node of parent.childNodes) {
    const block = blockOf(node);
    if (block !== null) {
      const distance = isOneOf(APART, node) ? "\n\n" : "\n";
      startBlock(distance);
      text += block + distance;
    } else {
      const words = wordsOf(node);
      const isAfterBlank = text ? /\s$/.test(text) : !inLine;
      text += isAfterBlank ? words.replace(/^ +/, "") : words;
    }
  }
  return text;
}

/** The lines of a node that stands in lines of its own; null for others. */
function blockOf(node) {
  const { nodeName } = node;
  if (nodeName === "PRE") return codeBlock(node.textContent);
  if (nodeName === "BLOCKQUOTE") return indented(textOf(node).trim(), "> ", "> ");
  if (nodeName === "UL" || nodeName === "OL") return listOf(node);
  if (HEADINGS.test(nodeName)) return marked(textOf(node).trim(), "**");
  return isOneOf(`${BLOCKS} P`, node) ? textOf(node).trim() : null;
}

function listOf(list) {
  const first = list.nodeName === "OL" ? (list.start ?? 1) : null;
  return [...list.children]
    .map((item, index) => {
      const mark = first === null ? "- " : `${first + index}. `;
      return indented(textOf(item).trim(), mark, " ".repeat(mark.length));
    })
    .join("\n");
}

function indented(text, first, others) {
  return first + text.replaceAll("\n", `\n${others}`);
}

/** The text of a node within a line. */
function wordsOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.data.replace(/[\s\u00a0]+/g, " "));
  if (node.nodeType !== Node.ELEMENT_NODE || isOneOf(LEFT_OUT, node)) return "";
  if (node.nodeName === "BR") return "\n";
  if (node.nodeName === "IMG") return node.alt;
  if (node.nodeName === "CODE") return code(node.textContent);
  const text = textOf(node, { inLine: true });
  if (node.nodeName === "A") return linked(node.textContent.trim(), text, node.getAttribute("href"));
  return marksOf(node).reduce(marked, text);
}

function marksOf(node) {
  const style = node.getAttribute("style") ?? ""; // the site's policy keeps it from having an effect
  const isPlain = /font-weight: ?(normal|[1-5]00)/.test(style); // some wrap all in such a <b>
  const byName = isPlain ? undefined : MARKS[node.nodeName];
  const byStyle = [
    /font-weight: ?(bold|[6-9]00)/.test(style) && "**",
    /font-style: ?italic/.test(style) && "*",
    /text-decoration[^;]*line-through/.test(style) && "~~",
  ];
  return [...new Set([byName, ...byStyle])].filter(Boolean);
}

/** Each line of the text between two marks, which stand beside words and not beside blanks. */
function marked(text, mark) {
  const between = (line) => line.replace(/^(\s*)(.*?)(\s*)$/, `$1${mark}$2${mark}$3`);
  return text.split("\n").map((line) => (line.trim() ? between(line) : line)).join("\n");
}

function code(text) {
  const marks = text.includes("`") ? "``" : "`";
  const space = /^`|`$/.test(text) ? " " : "";
  return text.trim() ? marks + space + text + space + marks : "";
}

function linked(title, text, address) {
  const isWeb = /^https?:\/\//i.test(address ?? "");
  if (!isWeb || title === address) return isWeb ? title : text;
  return text.trim() ? `${text} (${address})` : address;
}

/** A backslash before what would be a mark. */
function escaped(text) {
  return text
    .replace(/\\(?=[\\*~`@#])|`|~~/g, "\\$&")
    .replace(/(^|.)\*(?=(.?))/g, (found, before, after) => {
      const isMark = /\S/.test(before) || /\S/.test(after);
      return isMark && !/^\w\w$/.test(before + after) ? `${before}\\*` : found;
    });
}

/** Offer to make a block of the text that was pasted at a place, if it looks like code. */
export function offerBlock(field, start, text) {
  const pasted = text.replace(/\r\n?/g, "\n");
  const isThere = () => field.value.startsWith(pasted, start);
  if (!isThere() || !looksLikeCode(pasted) || isInBlock(field.value, start)) return;
  const { form } = field;
  form.querySelector(".paste-offer")?.remove();
  const offer = Object.assign(document.createElement("p"), { className: "paste-offer", role: "status" });
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "link",
    textContent: "Make it a block of code",
  });
  offer.append("This looks like code. ", button);
  form.append(offer);
  const listening = new AbortController();
  const end = () => {
    listening.abort();
    offer.remove();
  };
  button.addEventListener("click", () => {
    if (isThere()) makeBlock(field, start, start + pasted.length);
    end();
    field.focus();
  });
  field.addEventListener("input", () => isThere() || end(), { signal: listening.signal });
  form.addEventListener("submit", end, { signal: listening.signal });
}

/** Put the marks around a part, in lines of their own. Browsers undo insertions more reliably. */
function makeBlock(field, start, end) {
  const { value } = field;
  const marks = marksOfBlock(value.slice(start, end));
  const isAtEnd = end === value.length || value[end] === "\n";
  replaceText(field, end, end, `${value[end - 1] === "\n" ? "" : "\n"}${marks}${isAtEnd ? "" : "\n"}`);
  const behind = field.value.length - field.selectionStart; // characters
  replaceText(field, start, start, `${start === 0 || value[start - 1] === "\n" ? "" : "\n"}${marks}\n`);
  const caret = field.value.length - behind;
  field.setSelectionRange(caret, caret);
}
