// The buttons at a message. There is one set of them, which stands at the message under the pointer,
// or at the one that has the focus. On a touch screen a long press opens the menu.

const LONG_PRESS = 500; // ms
const MOVED = 10; // pixels, which make a scroll of a press

const messageAt = ({ target }) => target.closest("[data-seq]:not([data-seq=''])");

/**
 * `tools` is the element with the buttons. `load()` gets ready for their use, and `openMenu(message)`
 * opens the menu of an element.
 */
export function enableMessageTools({ list, tools, load, openMenu }) {
  const hasKeyboardFocus = () =>
    tools.contains(document.activeElement) && document.activeElement.matches(":focus-visible");

  function show(message) {
    tools.hidden = !message || message.dataset.removed === "true";
    if (tools.hidden || tools.parentElement === message) return;
    message.append(tools);
    void load();
  }

  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && !hasKeyboardFocus()) show(messageAt(event));
  });
  list.addEventListener("pointerleave", () => {
    if (!hasKeyboardFocus()) show(document.activeElement.closest?.("[data-seq]:focus-visible"));
  });
  list.addEventListener("focusin", (event) => show(messageAt(event)));
  list.addEventListener("keydown", (event) => {
    const message = messageAt(event);
    if (event.key !== "Enter" || event.target !== message) return;
    event.preventDefault();
    openMenu(message);
  });
  enableLongPress(list, openMenu);
}

function enableLongPress(list, openMenu) {
  let press = null; // {message, x, y, timer}

  function end() {
    clearTimeout(press?.timer);
    press = null;
  }

  function open() {
    const { message } = press;
    end();
    openMenu(message);
  }

  list.addEventListener("pointerdown", (event) => {
    end();
    const message = messageAt(event);
    // A long press on a link in a text opens the browser's own menu.
    if (event.pointerType !== "touch" || !message || event.target.closest("[data-part=text] a")) return;
    press = { message, x: event.clientX, y: event.clientY, timer: setTimeout(open, LONG_PRESS) };
  });
  list.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > MOVED) end();
  });
  for (const type of ["pointerup", "pointercancel"]) list.addEventListener(type, end);
  list.addEventListener("contextmenu", (event) => {
    if (!press) return;
    event.preventDefault();
    open();
  });
}
