import assert from "node:assert/strict";
import { test } from "node:test";

import { colourOf, initialOf } from "../../static/chat/core/avatar.js";

test("every name has an initial and a colour", () => {
  assert.equal(initialOf(" éva"), "É");
  assert.equal(initialOf("👩‍👩‍👧 us"), "👩‍👩‍👧");
  assert.equal(initialOf(""), "?");
  for (const name of ["alice", "אורי", ""]) assert.ok(colourOf(name) >= 0 && colourOf(name) < 8);
});
