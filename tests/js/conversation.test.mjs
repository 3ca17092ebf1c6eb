import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../../static/chat/conversation.js";
import { Outbox } from "../../static/chat/outbox.js";
import { FakeClock, fakeMemory, fakeNetwork, line, lines, welcome } from "./fakes.mjs";

function begin({ memory = fakeMemory(), seq = 3 } = {}) {
  const clock = new FakeClock();
  const network = fakeNetwork();
  const outbox = new Outbox(memory);
  const news = [];
  const conversation = new Conversation({
    open: network.open,
    clock,
    random: () => 0.5,
    outbox,
    changed: () => {},
    arrived: (some) => news.push(...some.map(({ seq: number }) => number)),
  });
  conversation.link.connect();
  if (seq !== null) network.newest.hear(welcome(seq, lines(1, seq)));
  return { clock, network, outbox, news, conversation, memory };
}

const texts = (socket) => socket.sentOf("say").map(({ text }) => text);
const mine = (seq, id) => line(seq, { name: "alice", client_id: id });

test("one text is on its way at a time, and its line is its answer", () => {
  const { network, outbox, conversation } = begin();
  conversation.say("a", "one");
  conversation.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  network.newest.hear({ type: "lines", lines: [mine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);

  network.newest.hear({ type: "said", client_id: "b", seq: 2 });
  assert.deepEqual(outbox.entries, []);
});

test("what is written without a connection goes out in order after the welcome", () => {
  const { network, conversation } = begin({ seq: null });
  conversation.say("a", "one");
  conversation.say("b", "two");
  assert.deepEqual(network.newest.sent, []);

  network.newest.hear(welcome(3, lines(1, 3)));
  network.newest.hear({ type: "lines", lines: [mine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);
});

test("a text without an answer makes a new connection and is sent again under its id", () => {
  const { clock, network, conversation } = begin();
  conversation.say("a", "one");
  const first = network.newest;
  clock.pass(11_000);

  assert.equal(first.closed, true);
  assert.equal(network.newest.after, 3);
  network.newest.hear(welcome(3));
  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("a text that arrived although its answer was lost is not sent again", () => {
  const { clock, network, outbox, conversation } = begin();
  conversation.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.hear(welcome(4, [mine(4, "a")]));

  assert.deepEqual(texts(network.newest), []);
  assert.deepEqual(outbox.entries, []);
});

test("the outbox survives a reload", () => {
  const memory = fakeMemory();
  begin({ memory, seq: null }).conversation.say("a", "one");
  const { network } = begin({ memory });

  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("told to try again, it does so later, under the same id, before what was written after", () => {
  const { clock, network, conversation } = begin();
  conversation.say("a", "one");
  network.newest.hear({ type: "error", code: "try_again", text: "", client_id: "a" });
  conversation.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  clock.pass(2_000);
  assert.deepEqual(texts(network.newest), ["one", "one"]);
  network.newest.hear({ type: "lines", lines: [mine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "one", "two"]);
});

for (const code of ["try_again", "too_fast"]) {
  test(`why a text waits is told until it is answered: ${code}`, () => {
    const { clock, network, conversation } = begin();
    const later = { type: "error", code, text: "", client_id: "a" };
    conversation.say("a", "one");
    assert.equal(conversation.pausing, null);
    for (let again = 0; again < 2; again++) {
      network.newest.hear(later);
      assert.equal(conversation.pausing, code);
      clock.pass(2_000); // it is on its way again
      assert.equal(conversation.pausing, code);
    }
    network.newest.hear({ type: "lines", lines: [mine(4, "a")] });
    assert.equal(conversation.pausing, null);

    conversation.say("b", "two");
    network.newest.hear({ ...later, client_id: "b" });
    network.newest.hear({ type: "lines", lines: [mine(5, "b")] }); // while it waits
    assert.equal(conversation.pausing, null);

    conversation.say("c", "three");
    clock.pass(2_000);
    network.newest.hear({ ...later, client_id: "c" });
    network.newest.end();
    assert.equal(conversation.pausing, null);
  });
}

for (const code of ["too_long", "empty", "muted", "something_new"]) {
  test(`refused as ${code}, a text stays with its author and holds nothing up`, () => {
    const { network, outbox, conversation } = begin();
    conversation.say("a", "one");
    conversation.say("b", "two");
    network.newest.hear({ type: "error", code, text: "why", client_id: "a" });

    assert.deepEqual(texts(network.newest), ["one", "two"]);
    assert.ok(outbox.entries[0].refused);

    network.newest.hear({ type: "lines", lines: [mine(4, "b")] });
    conversation.retry("a");
    assert.deepEqual(texts(network.newest), ["one", "two", "one"]);
    conversation.discard("a");
    assert.deepEqual(outbox.entries, []);
  });
}

test("a gap is filled by a new connection from the last line on", () => {
  const { clock, network, conversation, news } = begin();
  network.newest.hear({ type: "lines", lines: [line(5)] });
  assert.equal(conversation.link.connected, false);

  clock.pass(1_000);
  assert.equal(network.newest.after, 3);
  network.newest.hear(welcome(5, lines(4, 5)));
  assert.deepEqual(conversation.log.lines.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  assert.deepEqual(news, [4, 5]);
});

test("a reset replaces the lines and keeps the outbox", () => {
  const { clock, network, outbox, conversation } = begin();
  conversation.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.hear(welcome(900, lines(851, 900), { reset: true }));

  assert.equal(conversation.log.first, 851);
  assert.equal(outbox.entries.length, 1);
  assert.deepEqual(texts(network.newest), ["one"]);
});

test("older lines are asked for once at a time", () => {
  const { network, conversation } = begin({ seq: null });
  network.newest.hear(welcome(100, lines(51, 100)));
  conversation.loadOlder();
  conversation.loadOlder();
  assert.deepEqual(network.newest.sent, [{ type: "history", before: 51, limit: 50 }]);

  network.newest.hear({ type: "history", lines: lines(1, 50), more: false });
  assert.equal(conversation.log.first, 1);
  assert.equal(conversation.loadOlder(), false);
});

test("history that cannot be had now can be asked for again later", () => {
  const { clock, network, conversation } = begin({ seq: null });
  network.newest.hear(welcome(100, lines(51, 100)));
  conversation.loadOlder();
  network.newest.hear({ type: "error", code: "try_again", text: "", client_id: null });
  assert.equal(conversation.loadOlder(), false);

  clock.pass(2_000);
  assert.equal(conversation.loadOlder(), true);
});

test("an unknown frame is passed over", () => {
  const { network, conversation } = begin();
  network.newest.hear({ type: "confetti" });

  assert.equal(conversation.link.connected, true);
});
