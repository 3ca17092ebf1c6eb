// The modules that are too small for a file of their own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clientId } from "../../static/chat/client-id.js";
import { sends } from "../../static/chat/composer.js";
import { memory } from "../../static/chat/memory.js";
import { initialOf, tintOf } from "../../static/chat/person.js";
import { describe } from "../../static/chat/status.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a client id is a random UUID, also where the page is no secure context", () => {
  const insecure = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };

  assert.match(clientId(), UUID);
  assert.match(clientId(insecure), UUID);
  assert.notEqual(clientId(insecure), clientId(insecure));
});

test("Enter sends, but not with Shift and not while an input method composes", () => {
  const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

  assert.equal(sends(enter), true);
  assert.equal(sends({ ...enter, shiftKey: true }), false);
  assert.equal(sends({ ...enter, isComposing: true }), false);
  assert.equal(sends({ ...enter, keyCode: 229 }), false);
  assert.equal(sends({ ...enter, key: "a" }), false);
});

test("storage that is full, forbidden or broken is no reason to fail", () => {
  const forbidden = memory(
    {
      getItem: () => { throw new Error("forbidden"); },
      setItem: () => { throw new Error("forbidden"); },
    },
    "x",
  );
  forbidden.write(1);
  assert.equal(forbidden.read(), null);
  assert.equal(memory({ getItem: () => "{" }, "x").read(), null);
});

test("everybody has an initial and a tint", () => {
  assert.equal(initialOf(" éva"), "É");
  assert.equal(initialOf("👩‍👩‍👧 us"), "👩‍👩‍👧");
  assert.equal(initialOf(""), "?");
  for (const name of ["alice", "אורי", ""]) assert.ok(tintOf(name) >= 0 && tintOf(name) < 8);
});

test("every state of the connection has words, and a way out where there is one", () => {
  const waiting = { name: "waiting", why: "lost", until: 3_200 };
  const at = { online: true, now: 1_000 };

  assert.equal(describe({ name: "connected" }, at).label, "Connected");
  assert.equal(describe({ name: "connecting" }, at).label, "Connecting…");
  assert.deepEqual(describe(waiting, at), { tone: "busy", label: "Reconnecting", seconds: 3 });
  assert.match(describe(waiting, { ...at, online: false }).banner, /offline/);
  assert.equal(describe({ ...waiting, why: "too_many" }, at).action, "retry");
  assert.equal(describe({ name: "left" }, at).action, "rejoin");
  assert.equal(describe({ name: "removed" }, at).action, "rejoin");
  assert.equal(describe({ name: "signed_out" }, at).action, "sign-in");
});

test("a try to come back has the words of the wait before it, without seconds", () => {
  const words = (state, online = true) => {
    const { seconds, ...rest } = describe(state, { online, now: 1_000 });
    return { rest, counts: Boolean(seconds) };
  };
  for (const why of ["lost", "restart", "too_many"]) {
    for (const online of [true, false]) {
      const waiting = words({ name: "waiting", why, until: 3_200 }, online);
      const connecting = words({ name: "connecting", why }, online);
      assert.deepEqual(connecting.rest, waiting.rest);
      assert.equal(connecting.counts, false);
    }
  }
});
