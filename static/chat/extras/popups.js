// Dialogs that stand beside what they are about. On a narrow screen they stand at its foot, see
// dialogs.css.

import { openDialog } from "./dialogs.js";

const MARGIN = 8; // pixels to the edge of the window

/** Open a dialog at an element, after `fill(dialog)` has filled it. */
export function openPopup(name, at, fill) {
  const dialog = openDialog(name);
  fill(dialog);
  const box = at.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const isBelow = box.bottom + height + MARGIN <= innerHeight;
  const top = isBelow ? box.bottom : Math.max(MARGIN, box.top - height);
  const left = Math.max(MARGIN, Math.min(box.right - width, innerWidth - width - MARGIN));
  dialog.style.setProperty("--top", `${Math.min(top, innerHeight - height - MARGIN)}px`);
  dialog.style.setProperty("--left", `${left}px`);
  [...dialog.querySelectorAll("input, button")].find((one) => one.checkVisibility())?.focus();
  return dialog;
}
