// The actions of moderators on people, each with its dialog and its undo, and reports.

import { titleOf } from "../core/room-list.js";
import { openDialog } from "./dialogs.js";
import { actionsOn, placesFor } from "./moderation-rules.js";

const TIMES = { "10m": "10 minutes", "1h": "1 hour", "1d": "1 day" };
const TIMES_OR_FOR_GOOD = { ...TIMES, "": "For good" };
const NOTHING = {
  unmute: (name) => `${name} is not muted here.`,
  unban: (name) => `${name} is not banned here.`,
  unpurge: () => "There is no removal that you could undo.",
};

/** The words of the dialog of each action, and how the page tells that it was done. */
const ACTIONS = {
  mute: {
    title: (name) => `Mute ${name}`,
    note: "They can read, and not speak.",
    label: "Mute",
    legend: "For how long",
    times: TIMES_OR_FOR_GOOD,
    done: (name, { until }, formats) => `${name} is muted${end(until, formats)}.`,
  },
  kick: {
    title: (name) => `Kick ${name}`,
    note: "They are out at once, and can come back after this time.",
    label: "Kick",
    legend: "For how long",
    times: TIMES,
    done: (name, { until }, formats) => `${name} is out${end(until, formats)}.`,
  },
  ban: {
    title: (name) => `Ban ${name}`,
    note: "They are out at once, and cannot come back under this name or one that looks like it.",
    label: "Ban",
    legend: "For how long",
    times: TIMES_OR_FOR_GOOD,
    done: (name, { until }, formats) => `${name} is banned${end(until, formats)}.`,
  },
  purge: {
    title: (name) => `Remove the messages of ${name}`,
    note: "You can undo it for ten minutes.",
    label: "Remove",
    legend: "Those of the last",
    times: TIMES,
    done: (name, { count }) => `${count === 1 ? "1 message" : `${count} messages`} of ${name} removed.`,
  },
};
const UNDO = { mute: "lift", kick: "lift", ban: "lift", purge: "unpurge" };
const LABELS = {
  ...Object.fromEntries(Object.entries(ACTIONS).map(([name, { label }]) => [name, `${label}…`])),
  unmute: "Unmute",
  unban: "Unban",
  purge: "Remove messages…",
};
const ON_SITE = "This holds on the whole site.";
const REPORTED = "Thank you. Moderators will look at it.";

/** The label of the button of an action, as what it contains. */
export const labelOf = (action) => [LABELS[action]];

/** The label of the button that replaces a sanction, which stands beside the one that ends it. */
export function changeOf(action) {
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.textContent = `Change the ${action}…`;
  const shown = document.createElement("span");
  shown.ariaHidden = "true";
  shown.textContent = "Change…";
  return [shown, spoken];
}

/** `page`: {chat, flash, formats}. */
export class Moderating {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** The actions on a person that are offered, in their order. */
  actionsOn(person) {
    const { room, rooms, you } = this.#page.chat;
    return actionsOn(person, { room, rooms, you });
  }

  /** A promise of the sanctions of a person here, as far as the user may see them. */
  async sanctionsOf(target) {
    const { chat } = this.#page;
    const frame = { type: "moderate", action: "sanctions", target, room: chat.room.id };
    const { sanctions = [] } = await chat.requests.send(frame);
    return sanctions;
  }

  /** The places of the actions that are offered here. */
  get places() {
    const { room, rooms } = this.#page.chat;
    return placesFor({ room, rooms });
  }

  /** Begin with an action on somebody in some places: ask for its time and its reason, if it has any. */
  begin(action, name, places) {
    if (Object.hasOwn(ACTIONS, action)) this.#askAbout(action, name, places);
    else void this.#end(action, name, places);
  }

  async #end(action, target, places) {
    for (const room of places) this.#tell(await this.act({ action, target, room }));
  }

  #askAbout(action, name, places) {
    const { room } = this.#page.chat;
    const { title, note, ...texts } = ACTIONS[action];
    const target = name;
    const where = places.length === 1 && places[0] === null ? ` ${ON_SITE}` : "";
    ask({ ...texts, title: title(name), note: note + where, places, roomName: room.name }, ({ duration, place, reason }) =>
      this.act({ action, target, duration, reason, room: place }),
    );
  }

  /** Do something, and offer to undo it. The promise has why it could not be done, or "". */
  async act({ action, room, ...fields }) {
    const { chat, flash, formats } = this.#page;
    const given = Object.entries(fields).filter(([, value]) => value);
    const frame = { type: "moderate", action, ...Object.fromEntries(given), ...(room && { room }) };
    const answer = await chat.requests.send(frame);
    const { target } = fields;
    if (answer.code === "no_entry" && NOTHING[action]) return NOTHING[action](target);
    if (answer.problem) return answer.problem;
    const text = ACTIONS[action]?.done(target, answer, formats) ?? DONE[action]?.(target, answer, chat);
    const undo = answer.entry && UNDO[action] && { action: UNDO[action], entry: answer.entry, target };
    if (text) flash(text, "good", undo ? () => void this.#undo({ ...undo, room }) : null);
    return "";
  }

  /** Report a person, or their message with the number `seq`, to the moderators. */
  report(name, seq = null) {
    const title = seq ? `Report this message of ${name}` : `Report ${name}`;
    const note = "Only moderators see your report.";
    ask({ title, note, label: "Report", needsReason: true }, async ({ reason: why }) =>
      this.sendReport(seq ? { seq, why } : { name, why }),
    );
  }

  /** Send a report. The promise has why it was refused, or "". */
  async sendReport(fields) {
    const { chat, flash } = this.#page;
    const { problem } = await chat.requests.send({ type: "report", ...fields, room: chat.room.id });
    if (problem) return problem;
    flash(REPORTED, "good");
    return "";
  }

  async #undo(request) {
    this.#tell(await this.act(request));
  }

  #tell(problem) {
    if (problem) this.#page.flash(problem);
  }
}

const DONE = {
  unmute: (name, { remaining }, chat) => remains(remaining, `${name} is still muted`, chat) ?? `${name} may speak again.`,
  unban: (name, { remaining }, chat) => remains(remaining, `${name} is still banned`, chat) ?? `${name} may come back.`,
  lift: (name) => `It is undone: ${name} is free again.`,
  unpurge: (name, { count }) => `${count === 1 ? "1 message is" : `${count} messages are`} there again.`,
};

/** The sentence that a sanction still holds elsewhere, or that of a higher rank here; null without one. */
function remains(remaining = [], words, { room, rooms }) {
  if (!remaining.length) return null;
  const places = remaining.map((sanction) => sanction.room);
  if (places.includes(null)) return `${words} on the whole site.`;
  if (places.includes(room.id)) return `${words} here.`;
  const other = rooms.get(places[0]);
  return `${words} in ${other ? titleOf(other) : "another room"}.`;
}

const end = (until, { moment }) => (until ? ` until ${moment(until)}` : " for good");

/**
 * Open the dialog with a time, a place and a reason. `send({duration, place, reason})` returns a
 * promise of a problem, which the dialog shows; what was typed stays there.
 */
function ask({ title, note, label, legend, times = {}, places = [], roomName, needsReason }, send) {
  const dialog = openDialog("sanction");
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  const form = dialog.querySelector("form");
  part("title").textContent = title;
  part("note").textContent = note;
  part("label").textContent = needsReason ? "Why" : "Reason (they see it)";
  part("do").textContent = label;
  part("do").classList.toggle("danger", !needsReason); // all but a report
  part("legend").textContent = legend ?? "";
  part("times").hidden = !legend;
  part("times").append(...choices("duration", Object.entries(times)));
  part("places").hidden = places.length < 2;
  const placeNames = places.map((place) => [place ?? "", place === null ? "The whole site" : roomName]);
  part("places").append(...choices("place", placeNames));
  form.elements.reason.required = Boolean(needsReason);
  dialog.querySelector("input:not([type=radio], :disabled), input:checked")?.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { duration, place, reason } = Object.fromEntries(new FormData(form));
    part("do").disabled = true;
    const problem = await send({ duration, place: Number(place) || null, reason: reason.trim() });
    part("do").disabled = false;
    part("problem").textContent = problem;
    if (!problem) dialog.close();
  });
}

/** Radio buttons, of which the first is chosen. */
function choices(name, options) {
  return options.map(([value, text], index) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name, value });
    input.defaultChecked = index === 0;
    label.className = "menu-item";
    label.append(input, ` ${text}`);
    return label;
  });
}
