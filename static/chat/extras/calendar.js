// The calendar: the way to the first message of a day.

import { dayOf } from "../core/dates.js";
import { openDialog } from "./dialogs.js";

const NOTHING = "Nothing was said on that day or later.";
const FAILED = "The day could not be found. Check the connection and try again.";

/**
 * `day` is the day to begin with, as YYYY-MM-DD, and `address` is asked for the number of the first
 * message since a moment. `go(seq)` leads to a message.
 */
export function openCalendar({ day, address, go }) {
  const dialog = openDialog("calendar");
  const field = dialog.querySelector("input");
  const note = dialog.querySelector("[data-part=note]");
  field.max = dayOf(Date.now());
  field.value = day;
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const seq = await firstSince(address, new Date(`${field.value}T00:00`));
    note.textContent = seq === undefined ? FAILED : NOTHING;
    if (!seq) return;
    dialog.close();
    go(seq);
  });
}

/** The number of the first message since a moment, null if there is none; undefined after an error. */
async function firstSince(address, moment) {
  try {
    const answer = await fetch(`${address}?since=${encodeURIComponent(moment.toISOString())}`);
    return answer.ok ? (await answer.json()).seq : undefined;
  } catch {
    return undefined; // the connection is lost
  }
}
