import assert from "node:assert/strict";
import { test } from "node:test";

import {
  describeConnection,
  describeUnsent,
  errorText,
  moderatorsRefusal,
  refusalText,
} from "../../static/chat/core/status-texts.js";

test("every state of the connection has a label, and an action where there is one", () => {
  const waiting = { name: "waiting", reason: "lost", lostAt: 900, until: 1_200 };
  const at = { online: true, now: 1_000 };

  assert.equal(describeConnection({ name: "connected" }, at).label, "Connected");
  assert.equal(describeConnection({ name: "connecting" }, at).label, "Connecting…");
  assert.deepEqual(describeConnection(waiting, at), {
    tone: "trying",
    label: "Reconnecting",
    seconds: 1,
  });
  assert.match(describeConnection(waiting, { ...at, online: false }).banner, /offline/);
  assert.equal(describeConnection({ ...waiting, reason: "too_many" }, at).action, "retry");
  assert.equal(describeConnection({ name: "left" }, at).action, "rejoin");
  assert.equal(describeConnection({ name: "removed" }, at).action, "rejoin");
  assert.equal(describeConnection({ name: "replaced" }, at).action, "rejoin");
  assert.equal(describeConnection({ name: "signed_out" }, at).action, "sign-in");
  assert.equal(describeConnection({ name: "other_account" }, at).action, "reload");
});

test("somebody who is banned is told until when, and why, and may come back after it", () => {
  const moment = (at) => new Date(at).toISOString().slice(11, 16);
  const state = { name: "banned", endsAt: "2026-11-30T14:05:00Z", why: "spam" };
  const now = Date.parse("2026-11-30T14:00:00Z");
  const told = describeConnection(state, { online: true, now, moment });
  assert.deepEqual([told.tone, told.banner], ["ended", "You are banned until 14:05: spam"]);
  assert.equal(told.action, undefined);
  const later = describeConnection(state, { online: true, now: now + 300_000, moment });
  assert.equal(later.action, "rejoin");
  const forGood = describeConnection({ name: "banned" }, { online: true, now, moment });
  assert.equal(forGood.banner, "You are banned.");
});

test("an error about a sanction has its end and its reason, and a decline what was said", () => {
  const moment = (at) => new Date(at).toISOString().slice(11, 16);
  const told = (code, fields) => errorText({ code, text: "No.", ...fields }, moment);
  const until = "2026-11-30T14:05:00Z";
  assert.equal(told("banned", { until, reason: "spam" }), "You are banned from this room until 14:05: spam");
  assert.equal(told("muted", { until: null, reason: "" }), "You cannot speak here.");
  assert.equal(told("too_soon", { wait: 5 }), "No.");
  assert.equal(told("too_soon", { reason: "not yet" }), "Moderators have declined: not yet");
  assert.equal(told("constructor"), "No.");
});

test("an attempt to reconnect keeps the texts of the pause before it, without seconds", () => {
  for (const reason of ["lost", "restart", "too_many"]) {
    for (const online of [true, false]) {
      const before = { name: "waiting", reason, lostAt: 1_000, until: 8_000 };
      const waiting = describeConnection(before, { online, now: 2_000 });
      const connecting = describeConnection({ ...before, name: "connecting" }, { online, now: 8_000 });

      assert.equal(connecting.seconds, undefined);
      const same = { seconds: null, countdown: null };
      assert.deepEqual({ ...connecting, ...same }, { ...waiting, ...same });
    }
  }
});

test("a pause of seconds is announced at once, with the time that is left and a way to try now", () => {
  const restart = { name: "waiting", reason: "restart", lostAt: 1_000, until: 8_000 };
  const described = describeConnection(restart, { online: true, now: 1_000 });

  assert.equal(described.countdown, "Reconnecting in 7 s");
  assert.equal(described.action, "retry");
  assert.match(described.banner, /^The server is restarting\. What you write is kept/);
});

test("an interruption has a notice only when it lasts a second", () => {
  const attempt = { name: "connecting", reason: "lost", lostAt: 1_000 };

  assert.equal(describeConnection(attempt, { online: true, now: 1_900 }).banner, undefined);
  assert.equal(describeConnection(attempt, { online: true, now: 2_000 }).action, "retry");
  assert.equal(describeConnection(attempt, { online: true, now: 2_000 }).countdown, "Reconnecting…");
});

test("a message in the outbox says why it is not sent yet", () => {
  const message = { client_id: "a", text: "one" };
  const refused = { ...message, refused: refusalText("empty", "") };

  assert.equal(describeUnsent(message, { connected: false }).state, "waiting");
  assert.deepEqual(describeUnsent(message, { connected: true, delayCode: null }), {
    state: "sending",
    note: undefined,
  });
  assert.match(describeUnsent(message, { connected: true, delayCode: "too_fast" }).note, /Slowed/);
  assert.match(describeUnsent(message, { signedOut: true }).note, /until you sign in again/);
  assert.match(describeUnsent(refused, { connected: true }).note, /^Not sent\. This message has/);
});

test("a code that the page does not know is described by the server's own text", () => {
  assert.equal(refusalText("something_new", "from the server"), "from the server");
});

test("a message that waits for a moderator says so, and one that was refused tells why", () => {
  const connected = { connected: true };
  const held = describeUnsent({ text: "x", held: true }, connected);
  assert.deepEqual(held, { state: "held", note: "Waiting for approval" });
  assert.equal(describeUnsent({ text: "x", held: true }, { connected: false }).state, "held");
  const refused = { text: "x", refused: moderatorsRefusal("No ads"), final: true };
  assert.deepEqual(describeUnsent(refused, connected), {
    state: "refused",
    note: "Not sent. A moderator has refused it: No ads",
    final: true,
  });
  assert.equal(moderatorsRefusal(""), "A moderator has refused it.");
});
