// Times, the way the reader's own language and time zone have them.

import { dayOf } from "./items.js";

const DAY = 24 * 60 * 60_000;

/** How long it is until the reader's next midnight, in milliseconds. */
export function untilMidnight(now) {
  return new Date(now).setHours(24, 0, 0, 0) - now;
}

export function createTimes(locale, now = Date.now) {
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
  const near = { weekday: "long", day: "numeric", month: "long" };
  const sameYear = new Intl.DateTimeFormat(locale, near);
  const anyYear = new Intl.DateTimeFormat(locale, { dateStyle: "full" });

  return {
    time: (at) => clock.format(new Date(at)),
    full: (at) => full.format(new Date(at)),
    day(at) {
      const day = dayOf(at);
      const date = new Date(at);
      if (day === dayOf(now())) return "Today";
      if (day === dayOf(now() - DAY)) return "Yesterday";
      const thisYear = date.getFullYear() === new Date(now()).getFullYear();
      return (thisYear ? sameYear : anyYear).format(date);
    },
  };
}
