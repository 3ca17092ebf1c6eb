// Actions of a reader on messages: copy them, show all or less of a long one, and move between them
// with the arrow keys.

const NEIGHBOURS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

/** `messageList()` is the list that is shown. */
export function enableReading(list, messageList) {
  document.addEventListener("copy", (event) => {
    const text = isField(event.target) ? null : copiedText(list);
    if (text === null) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  });

  list.addEventListener("click", ({ target }) => {
    const act = { fold, unfold }[target.dataset.action];
    if (!act) return;
    const message = messageOf(target);
    act(message);
    message.focus({ preventScroll: true }); // the button has disappeared
  });

  list.addEventListener("focusin", ({ target }) => {
    const message = messageOf(target);
    messageList().setTabStop(message);
    if (target.closest("[data-part=text]")) unfold(message); // a link, which may be out of sight
  });

  list.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target !== messageOf(target) || !(key in NEIGHBOURS)) return;
    let next = target;
    do next = next[NEIGHBOURS[key]];
    while (next && next !== messageOf(next));
    next?.focus();
    event.preventDefault();
  });

  function unfold(message) {
    if (message.dataset.folded !== "true") return;
    messageList().resize(() => {
      message.dataset.folded = "open";
    });
  }

  function fold(message) {
    messageList().resize(() => {
      message.dataset.folded = "true";
    });
    message.scrollIntoView({ block: "nearest" }); // its head may have been far above
  }
}

const messageOf = (element) => element.closest("[data-id]");
const isField = (element) => element.matches?.("input, textarea");

/** The selected messages with their names and times; null where no more than one text is selected. */
function copiedText(list) {
  const selection = getSelection();
  if (selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const textOf = (node) => (node.closest ? node : node.parentElement).closest("[data-part=text]");
  if (textOf(range.startContainer)?.contains(range.endContainer)) return null;
  const items = [...list.children].filter((item) => range.intersectsNode(item));
  const texts = items.map((item) => (item.matches("[data-id]") ? messageText(item, range) : itemText(item)));
  return items.length ? texts.filter(Boolean).join("\n\n") : null;
}

function messageText(message, range) {
  const part = (name) => message.querySelector(`[data-part=${name}]`);
  const selected = document.createRange();
  selected.selectNodeContents(part("text"));
  if (range.compareBoundaryPoints(Range.START_TO_START, selected) > 0) {
    selected.setStart(range.startContainer, range.startOffset);
  }
  if (range.compareBoundaryPoints(Range.END_TO_END, selected) < 0) {
    selected.setEnd(range.endContainer, range.endOffset);
  }
  const text = String(selected);
  return text && `${part("name").textContent} ${part("time").textContent}\n${text}`;
}

const itemText = (item) => (item.matches("[data-gap]") ? "…" : item.textContent.trim());
