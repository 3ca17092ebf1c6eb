// The card of a person: since when they are in the room, and what one can do.

import { hueOf, initialsOf } from "../core/people.js";
import { actionButtons } from "./action-buttons.js";
import { openDialog } from "./dialogs.js";

const ROLES = { owner: "Owner", moderator: "Moderator", member: "Member" };

/**
 * `person` is {name, guest, online, role, since}; `isYou` says whether it is the user.
 * `message(name)` opens a direct room, `mention(name)` puts the name into the text, and
 * `ignore(name, on)` lets the user see nothing more of them, or again. `ignoredAs()` promises the
 * name by which the user ignores them, or null.
 * `actions` are those of a moderator that are offered in `places`, which
 * `moderate(action, name, places)` begins; `ask(name)` promises the sanctions of the person.
 * `report(name)` reports the person.
 */
export function openPersonCard(person, page) {
  const { isYou, ignoredAs, formats, message, mention, ignore, report } = page;
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
  part("message").hidden = guest || isYou;
  part("mention").hidden = isYou;
  part("ignore").hidden = isYou;
  part("report").hidden = isYou;
  part("moderation").hidden = !page.actions.length;
  part("moderation").append(
    ...actionButtons(page.actions, {
      places: page.places,
      ask: () => page.ask(name),
      choose: (action, places) => leaveTo(() => page.moderate(action, name, places)),
    }),
  );
  let listed = null;
  const showIgnored = (as) => {
    listed = as;
    part("about").textContent = describe(person, formats, as);
    part("ignore").textContent = as ? "Stop ignoring" : "Ignore";
  };
  showIgnored(null);
  if (!isYou) void ignoredAs().then(showIgnored);
  part("ignore").addEventListener("click", () => leaveTo(() => ignore(name, !listed)));
  part("message").addEventListener("click", () => leaveTo(() => message(name)));
  part("mention").addEventListener("click", () => leaveTo(() => mention(name)));
  part("report").addEventListener("click", () => leaveTo(() => report(name)));
}

/** What the card says about a person, whom the user may ignore under the name `listed`. */
export function describe({ name, guest, online = true, role, since }, formats, listed = null) {
  const what = guest ? "Guest, connected by telnet" : (ROLES[role] ?? "");
  const when = since ? `since ${formats.date(since)}` : "";
  const words = [what, when].filter(Boolean).join(" ");
  const about = [words, online ? "online" : "not here at the moment"].filter(Boolean).join(", ");
  if (!listed) return about;
  return `${about}. You ignore them${listed === name ? "" : `, by the name ${listed} that looks the same`}.`;
}
