// The card of a person: since when they are in the room, and what one can do.

import { hueOf, initialsOf } from "../core/people.js";
import { actionButtons } from "./action-buttons.js";
import { openDialog } from "./dialogs.js";

const ROLES = { owner: "Owner", moderator: "Moderator", member: "Member" };

/**
 * `person` is {name, guest, online, role, since}; `isYou` says whether it is the user.
 * `message(name)` opens a direct room, `mention(name)` puts the name into the text, and
 * `ignore(name, on)` lets the user see nothing more of them, or again. `isIgnored` says which it is.
 * `actions` are those of a moderator that are offered in `places`, which
 * `moderate(action, name, places)` begins; `ask(name)` promises the sanctions of the person.
 * `report(name)` reports the person.
 */
export function openPersonCard(person, page) {
  const { isYou, isIgnored, formats, message, mention, ignore, report } = page;
  const { name, guest } = person;
  const dialog = openDialog("person");
  const part = (partName) => dialog.querySelector(`[data-part="${partName}"]`);
  dialog.style.setProperty("--hue", hueOf(name));
  dialog.ariaLabel = name;
  const leaveTo = (act) => {
    dialog.close();
    act();
  };
  part("avatar").textContent = initialsOf(name);
  part("name").textContent = name;
  part("about").textContent = describe(person, formats);
  part("message").hidden = guest || isYou;
  part("mention").hidden = isYou;
  part("ignore").hidden = isYou;
  part("ignore").textContent = isIgnored ? "Stop ignoring" : "Ignore";
  part("report").hidden = isYou;
  part("moderation").hidden = !page.actions.length;
  part("moderation").append(
    ...actionButtons(page.actions, {
      places: page.places,
      ask: () => page.ask(name),
      choose: (action, places) => leaveTo(() => page.moderate(action, name, places)),
    }),
  );
  part("ignore").addEventListener("click", () => leaveTo(() => ignore(name, !isIgnored)));
  part("message").addEventListener("click", () => leaveTo(() => message(name)));
  part("mention").addEventListener("click", () => leaveTo(() => mention(name)));
  part("report").addEventListener("click", () => leaveTo(() => report(name)));
}

export function describe({ guest, online = true, role, since }, formats) {
  const what = guest ? "Guest, connected by telnet" : (ROLES[role] ?? "");
  const when = since ? `since ${formats.date(since)}` : "";
  const words = [what, when].filter(Boolean).join(" ");
  return [words, online ? "online" : "not here at the moment"].filter(Boolean).join(", ");
}
