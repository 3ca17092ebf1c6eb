import assert from "node:assert/strict";
import { test } from "node:test";

import {
  describeConnection,
  describeUnsent,
  refusalText,
} from "../../static/chat/core/status-texts.js";

test("every state of the connection has a label, and an action where there is one", () => {
  const waiting = { name: "waiting", reason: "lost", until: 3_200 };
  const at = { online: true, now: 1_000 };

  assert.equal(describeConnection({ name: "connected" }, at).label, "Connected");
  assert.equal(describeConnection({ name: "connecting" }, at).label, "Connecting…");
  assert.deepEqual(describeConnection(waiting, at), {
    tone: "trying",
    label: "Reconnecting",
    seconds: 3,
  });
  assert.match(describeConnection(waiting, { ...at, online: false }).banner, /offline/);
  assert.equal(describeConnection({ ...waiting, reason: "too_many" }, at).action, "retry");
  assert.equal(describeConnection({ name: "left" }, at).action, "rejoin");
  assert.equal(describeConnection({ name: "removed" }, at).action, "rejoin");
  assert.equal(describeConnection({ name: "signed_out" }, at).action, "sign-in");
});

test("an attempt to reconnect keeps the texts of the pause before it, without seconds", () => {
  for (const reason of ["lost", "restart", "too_many"]) {
    for (const online of [true, false]) {
      const at = { online, now: 1_000 };
      const waiting = describeConnection({ name: "waiting", reason, until: 3_200 }, at);
      const connecting = describeConnection({ name: "connecting", reason }, at);

      assert.equal(connecting.seconds, undefined);
      assert.deepEqual({ ...connecting, seconds: null }, { ...waiting, seconds: null });
    }
  }
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
  assert.match(describeUnsent(refused, { connected: true }).note, /^Not sent\. This message has/);
});

test("a code that the page does not know is described by the server's own text", () => {
  assert.equal(refusalText("something_new", "from the server"), "from the server");
});
