import assert from "node:assert/strict";
import { test } from "node:test";

import { storageNamed, storedValue } from "../../static/chat/core/stored-value.js";

test("storage that is full, forbidden or broken causes no error", () => {
  const refuse = () => {
    throw new Error("forbidden");
  };
  const forbidden = storedValue({ getItem: refuse, setItem: refuse }, "x");
  forbidden.write(1);
  assert.equal(forbidden.read(), null);
  assert.equal(storedValue({ getItem: () => "{" }, "x").read(), null);
});

test("a storage that the browser forbids is empty", () => {
  const forbid = { configurable: true, get: () => { throw new Error("forbidden"); } };
  Object.defineProperty(globalThis, "forbiddenStorage", forbid);
  const value = storedValue(storageNamed("forbiddenStorage"), "x");
  value.write(1);
  assert.equal(value.read(), null);
});
