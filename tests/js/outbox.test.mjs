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

test("a message that waits for a moderator stays visible, is not sent again, and survives a reload", () => {
  const stored = fakeStoredValue();
  const outbox = new Outbox(stored);
  for (const id of ["a", "b"]) outbox.add(id, `text ${id}`, "2025-05-05T12:00:00Z");
  outbox.hold("a");

  assert.equal(outbox.next.client_id, "b");
  assert.deepEqual(new Outbox(stored).messages.map(({ held }) => held), [true, undefined]);
  outbox.refuse("a", "why", { final: true });
  assert.deepEqual([outbox.get("a").held, outbox.get("a").refused], [undefined, "why"]);
  assert.equal(outbox.next.client_id, "b");
});

test("the server knows which messages wait; about the others it is asked again", () => {
  const outbox = new Outbox(fakeStoredValue());
  for (const id of ["a", "b", "c"]) outbox.add(id, `text ${id}`, "2025-05-05T12:00:00Z", 3);
  for (const id of ["a", "b"]) outbox.hold(id);
  const elsewhere = { client_id: "d", room: null, text: "from a terminal", at: "2025-05-05T12:00:00Z" };
  outbox.takeHeld([{ client_id: "b", room: 3, text: "text b", at: "2025-05-05T12:00:00Z" }, elsewhere]);

  assert.deepEqual(outbox.messages.map(({ client_id: id, held }) => [id, held]), [
    ["a", undefined],
    ["b", true],
    ["c", undefined],
    ["d", true],
  ]);
  assert.equal(outbox.next.client_id, "a");
  assert.deepEqual(outbox.of(null).map(({ text }) => text), ["from a terminal"]);
});
