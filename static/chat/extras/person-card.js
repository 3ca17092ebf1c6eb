// The card of a person: since when they are in the room, and what one can do.

import { hueOf, initialsOf } from "../core/people.js";
import { openDialog } from "./dialogs.js";

const ROLES = { owner: "Owner", moderator: "Moderator", member: "Member" };

/**
 * `person` is {name, guest, online, role, since}; `isYou` says whether it is the user.
 * `message(name)` opens a direct room, `mention(name)` puts the name into the text, and
 * `ignore(name, on)` lets the user see nothing more of them, or again. `isIgnored` says which it is.
 */
export function openPersonCard(person, { isYou, isIgnored, formats, message, mention, ignore }) {
  const { name, guest } = person;
  const dialog = openDialog("person");
  const part = (partName) => dialog.querySelector(`[data-part="${partName}"]`);
  dialog.style.setProperty("--hue", hueOf(name));
  dialog.ariaLabel = name;
  part("avatar").textContent = initialsOf(name);
  part("name").textContent = name;
  part("about").textContent = describe(person, formats);
  part("message").hidden = guest || isYou;
  part("mention").hidden = isYou;
  part("ignore").hidden = isYou;
  part("ignore").textContent = isIgnored ? "Stop ignoring" : "Ignore";
  part("ignore").addEventListener("click", () => {
    dialog.close();
    ignore(name, !isIgnored);
  });
  part("message").addEventListener("click", () => {
    dialog.close();
    message(name);
  });
  part("mention").addEventListener("click", () => {
    dialog.close();
    mention(name);
  });
}

export function describe({ guest, online = true, role, since }, formats) {
  const what = guest ? "Guest, connected by telnet" : (ROLES[role] ?? "");
  const when = since ? `since ${formats.date(since)}` : "";
  const words = [what, when].filter(Boolean).join(" ");
  return [words, online ? "online" : "not here at the moment"].filter(Boolean).join(", ");
}
