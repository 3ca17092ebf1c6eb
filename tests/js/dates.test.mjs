import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Berlin"; // before the module creates its first date
const { createDateFormats, dayOf, untilMidnight } = await import("../../static/chat/core/dates.js");

const LOCALE = "en-GB";

/** Call a function while the reader's time zone is another one. */
function inZone(zone, call) {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return call();
  } finally {
    process.env.TZ = before;
  }
}

test("a day ends at the reader's own midnight", () => {
  assert.equal(dayOf("2025-05-05T21:59:00Z"), "2025-05-05");
  assert.equal(dayOf("2025-05-05T22:01:00Z"), "2025-05-06");
});

test("today and yesterday are named, and other days of this year have no year", () => {
  const now = () => Date.parse("2025-05-05T12:00:00Z");
  const formats = createDateFormats(LOCALE, now);

  assert.equal(formats.day("2025-05-05T01:00:00Z"), "Today");
  assert.equal(formats.day("2025-05-04T10:00:00Z"), "Yesterday");
  assert.match(formats.day("2025-05-01T10:00:00Z"), /^Thursday,? 1 May$/);
  assert.match(formats.day("2024-05-01T10:00:00Z"), /^Wednesday,? 1 May 2024$/);
  assert.equal(formats.time("2025-05-05T12:03:00Z"), "14:03");
});

test("the time until midnight is right on the days on which the clock changes", () => {
  const hours = (at) => untilMidnight(Date.parse(at)) / 3_600_000;

  assert.equal(hours("2025-05-05T21:00:00Z"), 1);
  assert.equal(hours("2025-03-30T00:00:00+01:00"), 23);
  assert.equal(hours("2025-10-26T00:00:00+02:00"), 25);
});

// Times without a zone are the reader's own. In each case the clock changes on one of the days.
for (const [zone, now, yesterday, dayBefore] of [
  ["Europe/Berlin", "2025-03-31T00:30", "2025-03-30", /^Saturday,? 29 March$/],
  ["Europe/Berlin", "2025-03-31T23:30", "2025-03-30", /^Saturday,? 29 March$/],
  ["Europe/Berlin", "2025-10-27T00:30", "2025-10-26", /^Saturday,? 25 October$/],
  ["Europe/Berlin", "2025-10-26T23:30", "2025-10-25", /^Friday,? 24 October$/],
  ["America/New_York", "2025-03-10T00:10", "2025-03-09", /^Saturday,? 8 March$/],
  ["America/New_York", "2025-11-02T23:50", "2025-11-01", /^Friday,? 31 October$/],
  ["America/Havana", "2025-03-10T00:10", "2025-03-09", /^Saturday,? 8 March$/],
  ["America/Santiago", "2025-09-08T00:10", "2025-09-07", /^Saturday,? 6 September$/],
  ["America/Sao_Paulo", "2018-11-05T00:10", "2018-11-04", /^Saturday,? 3 November$/],
  ["Asia/Beirut", "2025-03-31T00:30", "2025-03-30", /^Saturday,? 29 March$/],
  ["Africa/Cairo", "2025-04-26T00:30", "2025-04-25", /^Thursday,? 24 April$/],
  ["Australia/Lord_Howe", "2025-10-06T00:20", "2025-10-05", /^Saturday,? 4 October$/],
  ["Asia/Kathmandu", "2025-01-01T00:05", "2024-12-31", /^Monday,? 30 December 2024$/],
  ["Pacific/Kiritimati", "2024-03-01T00:05", "2024-02-29", /^Wednesday,? 28 February$/],
  ["Pacific/Apia", "2011-12-31T12:00", "2011-12-30", /^Thursday,? 29 December$/],
]) {
  test(`in ${zone} at ${now} the days are named by the calendar`, () => {
    inZone(zone, () => {
      const formats = createDateFormats(LOCALE, () => Date.parse(now));
      const today = now.slice(0, 10);
      assert.equal(formats.day(now), "Today");
      assert.equal(formats.day(`${today}T23:59:59`), "Today");
      // On the days on which the clock leaves out midnight, the day begins later.
      if (dayOf(`${today}T00:00`) === today) assert.equal(formats.day(`${today}T00:00`), "Today");
      if (zone !== "Pacific/Apia") { // where that day was left out
        assert.equal(formats.day(`${yesterday}T12:00`), "Yesterday");
        assert.equal(formats.day(`${yesterday}T23:59:59`), "Yesterday");
        assert.equal(formats.day(`${yesterday}T01:30`), "Yesterday");
      }
      const earlier = new Date(`${yesterday}T12:00Z`);
      earlier.setUTCDate(earlier.getUTCDate() - 1);
      assert.match(formats.day(`${earlier.toISOString().slice(0, 10)}T23:59:59`), dayBefore);
    });
  });
}

test("a time of another day is given with its day", () => {
  const formats = createDateFormats(LOCALE, () => Date.parse("2025-03-31T00:30"));

  assert.equal(formats.moment("2025-03-31T00:10"), "0:10");
  assert.equal(formats.moment("2025-03-30T23:50"), "yesterday, 23:50");
  assert.match(formats.moment("2025-03-29T23:50"), /^Saturday,? 29 March, 23:50$/);
});
