import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../../static/chat/core/conversation.js";
import {
  describeRestraint,
  leftText,
  nextChange,
  restraintIn,
} from "../../static/chat/core/restraints.js";
import { line, summary } from "./fakes.mjs";

const NOW = Date.parse("2026-11-30T14:00:00Z");
const MINUTE = 60_000;
const moment = (at) => new Date(at).toISOString().slice(11, 16);

const inRoom = (changes, spokeAt = null, now = NOW) =>
  restraintIn(summary(2, changes), { spokeAt, now });
const told = (changes) => describeRestraint(inRoom(changes), moment);

test("somebody who is muted sees until when, and why", () => {
  const until = "2026-11-30T14:05:00Z";
  assert.equal(told({ muted: { until, reason: "spam" } }), "You cannot speak here until 14:05: spam");
  assert.equal(told({ muted: { until, reason: "" } }), "You cannot speak here until 14:05.");
  assert.equal(told({ muted: { until: null, reason: "" } }), "You cannot speak here.");
  assert.equal(told({ muted: null }), "");
});

test("a mute ends by itself", () => {
  const muted = { until: "2026-11-30T14:05:00Z", reason: "" };
  const restraint = inRoom({ muted });
  assert.equal(nextChange(restraint, NOW), 5 * MINUTE);
  assert.equal(inRoom({ muted }, null, NOW + 5 * MINUTE), null);
  assert.equal(nextChange(inRoom({ muted: { until: null } }), NOW), null);
});

test("in a locked room only moderators may speak", () => {
  assert.equal(told({ locked: true }), "Only moderators may speak here now.");
  assert.equal(inRoom({ locked: true, moderate: ["lock"] }), null);
});

test("strangers ask before they join, where moderators decide about it", () => {
  assert.equal(inRoom({ by_request: true, role: null }).kind, "asking");
  assert.equal(inRoom({ by_request: true }), null);
});

test("slow mode counts from the user's last message, and holds for nobody who moderates", () => {
  const slow = { slow: 30 };
  assert.equal(inRoom(slow), null);
  const restraint = inRoom(slow, NOW - 10_400);
  assert.deepEqual(restraint, { kind: "slow", until: NOW + 19_600 });
  assert.equal(leftText(restraint.until, NOW), "20 s");
  assert.equal(leftText(NOW + 1, NOW), "1 s");
  assert.equal(leftText(NOW + 5 * MINUTE - 1, NOW), "5:00");
  assert.equal(leftText(NOW + 5 * MINUTE - 1_000, NOW), "4:59");
  assert.equal(nextChange(restraint, NOW), 600);
  assert.equal(inRoom(slow, NOW - 30_000), null);
  assert.equal(inRoom({ ...slow, moderate: ["slow"] }, NOW), null);
});

test("the last message of the user is found, whatever the clocks show", () => {
  const conversation = new Conversation(2);
  const at = (time) => new Date(time).toISOString();
  const own = (seq, time) => line(seq, { name: "alice", at: at(time) });
  conversation.log.replace({ seq: 1, lines: [own(1, NOW - 20_000)] });
  assert.equal(conversation.spokeAt("alice", NOW), null); // without slow mode nothing is looked for
  assert.equal(conversation.spokeAt("alice", NOW, 30), NOW - 20_000);
  conversation.append([own(2, NOW + 5 * MINUTE), line(3, { name: "alice", guest: true })]);
  assert.equal(conversation.spokeAt("alice", NOW, 30), NOW);
  assert.equal(conversation.spokeAt("alice", NOW + 1_000, 30), NOW);
  conversation.waitUntil = NOW + 12_000;
  assert.equal(conversation.spokeAt("alice", NOW + 1_000, 30), NOW - 18_000);
  assert.equal(conversation.spokeAt("alice", NOW + 12_000, 30), NOW);
});
