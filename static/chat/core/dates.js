// Dates and times in the reader's own language and time zone.

const DAY = 24 * 60 * 60_000; // milliseconds; in UTC all days are equally long

/** The reader's calendar day, as YYYY-MM-DD. */
export function dayOf(at) {
  const date = new Date(at);
  const twoDigits = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** Count the days of the calendar between two days. The clock may change on any of them. */
function daysBetween(day, later) {
  return (Date.parse(later) - Date.parse(day)) / DAY;
}

/** The milliseconds until the reader's next midnight. */
export function untilMidnight(now) {
  return new Date(now).setHours(24, 0, 0, 0) - now;
}

export function createDateFormats(locale, now = Date.now) {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
  const withoutYear = { weekday: "long", day: "numeric", month: "long" };
  const dayThisYear = new Intl.DateTimeFormat(locale, withoutYear);
  const fullDay = new Intl.DateTimeFormat(locale, { dateStyle: "full" });

  function day(at) {
    const daysAgo = daysBetween(dayOf(at), dayOf(now()));
    if (daysAgo === 0) return "Today";
    if (daysAgo === 1) return "Yesterday";
    const moment = new Date(at);
    const isThisYear = moment.getFullYear() === new Date(now()).getFullYear();
    return (isThisYear ? dayThisYear : fullDay).format(moment);
  }

  return {
    day,
    time: (at) => time.format(new Date(at)),
    full: (at) => full.format(new Date(at)),
    date: (at) => date.format(new Date(at)),
    /** The time, with its day unless that is today, for the middle of a sentence. */
    moment(at) {
      const name = day(at).replace("Yesterday", "yesterday");
      return `${name === "Today" ? "" : `${name}, `}${time.format(new Date(at))}`;
    },
  };
}
