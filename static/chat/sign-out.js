// Who signs out leaves nothing behind for the next person at this browser, and loses nothing
// unasked. What this tab keeps goes when it is done: on the page that signing out leads to.

import { memory } from "./memory.js";

const QUESTION = "What you wrote is not sent yet and would be lost. Sign out all the same?";

const forms = document.querySelectorAll("[data-sign-out]");
const storage = storageOfTab();
const mark = memory(storage, "chatsite.signing-out");

/** Whether one is on the way out: nothing needs to be asked any more. */
export function signingOut() {
  return mark.read() === true;
}

function leave(event) {
  if (isUnsent() && !confirm(QUESTION)) event.preventDefault();
  else mark.write(true);
}

/** Who still finds the form is still signed in, whatever became of the request. */
function arrive() {
  if (!signingOut()) return;
  if (forms.length) mark.write(null);
  else storage.clear();
}

function isUnsent() {
  return Object.keys(storage)
    .filter((key) => key.endsWith(".outbox"))
    .flatMap((key) => memory(storage, key).read() ?? [])
    .some(({ refused }) => !refused);
}

function storageOfTab() {
  try {
    return sessionStorage;
  } catch {
    return {}; // it was forbidden, so there is nothing in it
  }
}

for (const form of forms) form.addEventListener("submit", leave);
addEventListener("pageshow", ({ persisted }) => persisted && arrive());
arrive();
