import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Berlin"; // before the module creates its first date
const { createDateFormats, dayOf, untilMidnight } = await import("../../static/chat/core/dates.js");

test("a day ends at the reader's own midnight", () => {
  assert.equal(dayOf("2025-05-05T21:59:00Z"), "2025-05-05");
  assert.equal(dayOf("2025-05-05T22:01:00Z"), "2025-05-06");
});

test("today and yesterday are named, and other days of this year have no year", () => {
  const now = () => Date.parse("2025-05-05T12:00:00Z");
  const formats = createDateFormats("en-GB", now);

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
