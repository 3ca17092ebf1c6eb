import assert from "node:assert/strict";
import { test } from "node:test";

import { newClientId, Outbox } from "../../static/chat/core/outbox.js";
import { fakeStoredValue } from "./fakes.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a client id is a random UUID, also on a page that came over plain HTTP", () => {
  const insecure = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };

  assert.match(newClientId(), UUID);
  assert.match(newClientId(insecure), UUID);
  assert.notEqual(newClientId(insecure), newClientId(insecure));
});

test("a refused message stays in the outbox, and the one after it is next", () => {
  const outbox = new Outbox(fakeStoredValue());
  outbox.add("a", "one", "2025-05-05T12:00:00Z");
  outbox.add("b", "two", "2025-05-05T12:00:01Z");
  outbox.refuse("a", "too long");

  assert.equal(outbox.get("a").refused, "too long");
  assert.equal(outbox.next.client_id, "b");
  outbox.retry("a");
  assert.equal(outbox.next.client_id, "a");
});
