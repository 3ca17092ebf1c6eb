import assert from "node:assert/strict";
import { test } from "node:test";

import { isCommand, withoutEscape } from "../../static/chat/core/composing.js";
import { RoomList } from "../../static/chat/core/room-list.js";
import { commandsIn, runCommand } from "../../static/chat/extras/slash-commands.js";
import { nameIn } from "../../static/chat/extras/slash-parts.js";
import { summary } from "./fakes.mjs";

/** A page in the room 2. `answers` are what the server answers, and `found` what `find` finds. */
function begin({ answer = {}, found = null } = {}) {
  const rooms = new RoomList();
  rooms.replace([summary(1), summary(2), summary(3, { slug: "garden", name: "Rose garden" })]);
  const done = [];
  const page = {
    chat: {
      rooms,
      room: rooms.get(2),
      ignored: ["eve", "mallory"],
      requests: {
        send(frame) {
          done.push(frame);
          return Promise.resolve(answer);
        },
      },
    },
    show: ({ id }) => done.push(`show ${id}`),
    say: (text) => done.push(`say ${text}`),
    ignore: (name, on) => done.push(`ignore ${name} ${on}`) && "",
    search: (words) => done.push(`search ${words}`),
    find: async (slug) => (slug === found?.slug ? found.id : null),
  };
  return { page, done };
}

test("a text with one slash is a command, and with two it is said with one", () => {
  assert.deepEqual(["/join x", "//join x", "join"].map(isCommand), [true, false, false]);
  assert.equal(withoutEscape("//join x"), "/join x");
  assert.equal(withoutEscape("join"), "join");
});

test("a room of one's own is shown, by its address or its name", async () => {
  for (const text of ["/join garden", "/join #garden", "/join rose GARDEN"]) {
    const { page, done } = begin();
    assert.equal(await runCommand(text, page), "");
    assert.deepEqual(done, ["show 3"]);
  }
});

test("another open room is joined and shown", async () => {
  const room = summary(9, { slug: "tea-room" });
  const { page, done } = begin({ found: room, answer: { room } });
  assert.equal(await runCommand("/join Tea room", page), "");
  assert.deepEqual(done, [{ type: "join", room: 9 }, "show 9"]);

  assert.match(await runCommand("/join nowhere", page), /no room nowhere/);
});

test("messages are searched", async () => {
  const { page, done } = begin();
  assert.equal(await runCommand("/search red roses", page), "");
  assert.equal(await runCommand("/search ", page), "Write it like this: /search WORDS");
  assert.deepEqual(done, ["search red roses"]);
});

test("a room is muted, by its name or where one is", async () => {
  const { page, done } = begin();
  assert.equal(await runCommand("/level nothing Rose garden", page), "");
  assert.equal(await runCommand("/level all", page), "");
  assert.deepEqual(done, [
    { type: "level", level: "nothing", room: 3 },
    { type: "level", level: "all", room: 2 },
  ]);
  assert.match(await runCommand("/level nothing nowhere", page), /no room nowhere/);
  assert.match(await runCommand("/level", page), /Write it like this/);
  assert.equal(await runCommand("/level loud", page), "There are the levels all, mentions, nothing.");
});

test("a room that is not loaded yet is neither left nor muted", async () => {
  const { page, done } = begin();
  const chat = { ...page.chat, room: undefined };
  for (const text of ["/leave", "/level all"]) {
    assert.match(await runCommand(text, { ...page, chat }), /has not been loaded yet/);
  }
  assert.deepEqual(done, []);
});

test("people are ignored, seen again, and listed", async () => {
  const { page, done } = begin();
  assert.equal(await runCommand("/ignore @bob", page), "");
  assert.equal(await runCommand('/unignore "ann b"', page), "");
  assert.deepEqual(done, ["ignore bob true", "ignore ann b false"]);
  assert.equal(await runCommand("/ignore", page), "You ignore eve, mallory.");
  assert.match(await runCommand("/unignore", page), /Write it like this/);
});

test("the topic is set, somebody invited, and the room left, where one is", async () => {
  const { page, done } = begin();
  for (const text of ["/topic Tea at four", "/invite @bob", "/leave"]) await runCommand(text, page);

  assert.deepEqual(done, [
    { type: "topic", text: "Tea at four", room: 2 },
    { type: "invite", name: "bob", room: 2 },
    { type: "part", room: 2 },
  ]);
});

test("another room of one's own can be left by its name", async () => {
  const { page, done } = begin();
  assert.equal(await runCommand("/leave Rose garden", page), "");
  assert.deepEqual(done, [{ type: "part", room: 3 }]);

  assert.match(await runCommand("/leave nowhere", page), /no room nowhere/);
});

test("the topic is shown without a text, and removed by an empty one in quotes", async () => {
  const { page, done } = begin();
  assert.equal(await runCommand("/topic", page), "There is no topic.");
  page.chat.room.topic = "Tea";
  assert.equal(await runCommand("/topic", page), "The topic is: Tea");
  await runCommand('/topic ""', page);

  assert.deepEqual(done, [{ type: "topic", text: "", room: 2 }]);
});

test("a direct message may go to several people", async () => {
  const { page, done } = begin({ answer: { room: summary(7) } });
  await runCommand("/msg bob,eve hello", page);

  assert.deepEqual(done[0], { type: "direct", names: ["bob", "eve"] });
});

test("a direct message opens the room and says the text there", async () => {
  const { page, done } = begin({ answer: { room: summary(7) } });
  await runCommand("/msg bob hello there", page);

  assert.deepEqual(done, [{ type: "direct", names: ["bob"] }, "show 7", "say hello there"]);
});

test("the reason of the server is returned", async () => {
  const { page, done } = begin({ answer: { problem: "There is nobody of that name." } });

  assert.match(await runCommand("/msg bob hello", page), /nobody/);
  assert.equal(done.length, 1);
});

test("an unknown command, and one without its arguments, is explained", async () => {
  const { page, done } = begin();
  assert.match(await runCommand("/dance", page), /no command \/dance.*\/join ROOM.*two of them/);
  assert.match(await runCommand("/constructor", page), /no command/);
  assert.equal(await runCommand("/join", page), "Write it like this: /join ROOM");
  assert.equal(await runCommand("/msg ", page), "Write it like this: /msg NAME TEXT");
  assert.deepEqual(done, []);
});

test("a name may be quoted", () => {
  assert.deepEqual(nameIn('"ann b" hello'), { name: "ann b", rest: "hello" });
  assert.deepEqual(nameIn("@ann hello"), { name: "ann", rest: "hello" });
  const words = ["search", "join", "leave", "topic", "invite", "msg", "level", "ignore", "unignore", "report"];
  assert.deepEqual(Object.keys(commandsIn(summary(2))), words);
});

test("a command for the shown room says so while the room is not loaded", async () => {
  for (const text of ["/topic Roses", "/topic", "/leave", "/invite ann"]) {
    const { page, done } = begin();
    page.chat.room = undefined;
    assert.match(await runCommand(text, page), /not been loaded yet/);
    assert.deepEqual(done, []);
  }
});
