import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomList } from "../../static/chat/core/room-list.js";
import { commandsIn, runCommand } from "../../static/chat/extras/slash-commands.js";
import { summary } from "./fakes.mjs";

const ALL = ["mute", "unmute", "kick", "ban", "unban", "purge", "unpurge", "slow", "lock", "unlock"];

/** A page in a room with these actions; `lobby` are those of the lobby. */
function begin({ shown = 2, moderate = ALL, lobby = [] } = {}) {
  const rooms = new RoomList();
  rooms.replace([summary(1, { moderate: lobby }), summary(2, { moderate })]);
  const done = [];
  const moderating = {
    act: async (request) => done.push(request) && "",
    sendReport: async (request) => done.push(request) && "",
  };
  return { page: { chat: { rooms, room: rooms.get(shown) }, moderating: async () => moderating }, done };
}

async function run(text, options) {
  const { page, done } = begin(options);
  const problem = await runCommand(text, page);
  return problem || done[0];
}

test("a restraint has a target, and perhaps a time and a reason", async () => {
  const spam = { action: "mute", target: "bob", room: 2 };
  assert.deepEqual(await run("/mute bob"), { ...spam, duration: undefined, reason: "" });
  assert.deepEqual(await run("/mute bob 10m too much"), { ...spam, duration: "10m", reason: "too much" });
  assert.deepEqual(await run("/mute bob too much"), { ...spam, duration: undefined, reason: "too much" });
  assert.equal((await run('/kick "ann b" 1h')).target, "ann b");
  assert.equal((await run("/ban address:203.0.113.7 7d")).target, "address:203.0.113.7");
  assert.deepEqual(await run("/unban bob"), { action: "unban", target: "bob", room: 2 });
});

test("a purge needs its minutes", async () => {
  const purge = { action: "purge", target: "bob", duration: "30m", reason: "spam", room: 2 };
  assert.deepEqual(await run("/purge bob 30 spam"), purge);
  assert.equal(await run("/purge bob"), "Write it like this: /purge TARGET MINUTES [REASON]");
  assert.equal(await run("/purge bob spam"), "Write it like this: /purge TARGET MINUTES [REASON]");
  assert.deepEqual(await run("/unpurge"), { action: "unpurge", room: 2 });
});

test("slow mode has seconds, or is off", async () => {
  assert.deepEqual(await run("/slow 30"), { action: "slow", duration: "30s", room: 2 });
  assert.deepEqual(await run("/slow off"), { action: "slow", room: 2 });
  assert.deepEqual(await run("/slow 0"), { action: "slow", room: 2 });
  assert.equal(await run("/slow soon"), "Write it like this: /slow SECONDS|off");
});

test("in the lobby a site moderator means the site, and a moderator of the lobby the lobby", async () => {
  const site = { shown: 1, lobby: ALL };
  assert.equal((await run("/ban bob", site)).room, null);
  assert.equal((await run("/mute bob", { shown: 1, lobby: ["mute"] })).room, 1);
});

test("what ends in the lobby are the sanctions of the lobby as well as those of the site", async () => {
  const site = { shown: 1, lobby: ALL };
  for (const word of ["unmute", "unban"]) {
    assert.deepEqual(await run(`/${word} bob`, site), { action: word, target: "bob", room: 1 });
  }
});

test("the commands of moderators are unknown to others, but everybody may report", async () => {
  const { page } = begin({ moderate: [] });
  assert.match(await runCommand("/mute bob", page), /no command \/mute/);
  assert.doesNotMatch(await runCommand("/mute bob", page), /kick/);
  assert.deepEqual(Object.keys(commandsIn(page.chat.room)).slice(-1), ["report"]);
  assert.deepEqual(await run("/report bob he spams", { moderate: [] }), { name: "bob", why: "he spams" });
  assert.equal(await run("/report bob"), "Write it like this: /report NAME WHY");
});
