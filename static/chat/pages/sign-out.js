// Signing out clears what this tab has stored, so that the next user of the browser does not find
// it. It first asks whether messages that are not sent may be lost. The storage is cleared by the
// page that follows, since only there the sign-out is known to have succeeded.

import { storedValue } from "../core/stored-value.js";

const QUESTION = "Some of your messages are not sent yet and would be lost. Sign out anyway?";

const forms = document.querySelectorAll("[data-sign-out]");
const storage = tabStorage();
const signingOut = storedValue(storage, "chatsite.signing-out");

export function isSigningOut() {
  return signingOut.read() === true;
}

function askBeforeSignOut(event) {
  if (hasUnsent() && !confirm(QUESTION)) event.preventDefault();
  else signingOut.write(true);
}

function finishSignOut() {
  if (!isSigningOut()) return;
  // A page with a sign-out form belongs to a user who is still signed in: the request failed.
  if (forms.length) signingOut.write(null);
  else storage.clear();
}

function hasUnsent() {
  return Object.keys(storage)
    .filter((key) => key.endsWith(".outbox"))
    .flatMap((key) => storedValue(storage, key).read() ?? [])
    .some(({ refused }) => !refused);
}

function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return {}; // the browser forbids storage, so nothing was stored
  }
}

for (const form of forms) form.addEventListener("submit", askBeforeSignOut);
addEventListener("pageshow", ({ persisted }) => persisted && finishSignOut());
finishSignOut();
