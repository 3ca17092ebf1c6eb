// The dialogs of the room page. Each is a copy of its <template>, and is removed when it closes.

/** Open a dialog on the page. `onClose` is called when it was closed, however that happened. */
export function openDialog(name, onClose = () => {}) {
  const template = document.querySelector(`template[data-dialog="${name}"]`);
  const dialog = template.content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    restoreCaret();
    onClose();
  });
  ignoreEarlierPress(dialog);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || target.closest("[data-dialog-close]")) dialog.close(); // the backdrop
  });
  dialog.showModal();
  return dialog;
}

/** Chromium gives the focus back to the composer, but not the caret: what is typed would be lost. */
function restoreCaret() {
  const field = document.activeElement;
  if (field?.localName === "textarea") {
    field.setSelectionRange(field.selectionStart, field.selectionEnd);
  }
}

/** The end of a press that began before the dialog was there, such as a long one, chooses nothing. */
function ignoreEarlierPress(dialog) {
  let isPressed = false;
  dialog.addEventListener("pointerdown", () => {
    isPressed = true;
  });
  const ignore = (event) => {
    const isByKeyboard = event.detail === 0;
    if (!isPressed && !isByKeyboard) event.stopImmediatePropagation();
  };
  dialog.addEventListener("click", ignore, { capture: true });
}
