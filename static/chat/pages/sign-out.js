// Signing out clears what was written and not sent, so that the next user of the browser does not
// find it. It first asks whether messages that are not sent may be lost. The storage is cleared by
// the page that follows, since only there the sign-out is known to have succeeded.

import { storageNamed, storedValue } from "../core/stored-value.js";

const QUESTION = "Some of your messages are not sent yet and would be lost. Sign out anyway?";

const forms = document.querySelectorAll("[data-sign-out]"); // the value is the id of the account
const account = forms[0]?.dataset.signOut ?? null;
const storage = storageNamed("sessionStorage");
const shared = storageNamed("localStorage"); // by all tabs, with the drafts
const signingOut = storedValue(storage, "chatsite.signing-out");

export function isSigningOut() {
  return signingOut.read() !== null;
}

function askBeforeSignOut(event) {
  if (hasUnsent() && !confirm(QUESTION)) event.preventDefault();
  else signingOut.write(account);
}

function finishSignOut() {
  if (!isSigningOut()) return;
  const left = signingOut.read();
  signingOut.write(null);
  // A page with a sign-out form belongs to a user who is still signed in: the request failed.
  if (left === account) return;
  keysOf(left).forEach((key) => storage.removeItem(key));
  const drafts = `chatsite.${left}.draft.`;
  Object.keys(shared)
    .filter((key) => key.startsWith(drafts))
    .forEach((key) => shared.removeItem(key));
}

/** Return the keys of what is stored for one account. Others may still have something to send. */
function keysOf(id) {
  return Object.keys(storage).filter((key) => key.startsWith(`chatsite.${id}.`));
}

function hasUnsent() {
  return keysOf(account)
    .filter((key) => key.endsWith(".outbox"))
    .flatMap((key) => storedValue(storage, key).read() ?? [])
    .some(({ refused, held }) => !refused && !held);
}

for (const form of forms) form.addEventListener("submit", askBeforeSignOut);
addEventListener("pageshow", ({ persisted }) => persisted && finishSignOut());
finishSignOut();
