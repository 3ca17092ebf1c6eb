import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../../static/chat/core/conversation.js";
import { Outbox } from "../../static/chat/core/outbox.js";
import { ManualClock, FakeNetwork, fakeStoredValue, line, lines, welcome } from "./fakes.mjs";

function enter({ account = 1, stored = fakeStoredValue(), seq = 3 } = {}) {
  const clock = new ManualClock();
  const network = new FakeNetwork();
  const outbox = new Outbox(stored);
  const newSeqs = [];
  const news = { missed: 0 };
  const conversation = new Conversation({
    account,
    open: network.open,
    clock,
    random: () => 0.5,
    outbox,
    onChange: () => {},
    onNewLines: (added, missed) => {
      newSeqs.push(...added.map((newLine) => newLine.seq));
      news.missed += missed;
    },
  });
  conversation.socket.connect();
  if (seq !== null) network.newest.receive(welcome(seq, lines(1, seq)));
  return { clock, network, outbox, newSeqs, news, conversation };
}

const texts = (socket) => socket.sentOf("say").map(({ text }) => text);
const range = (first, last) => lines(first, last).map(({ seq }) => seq);
const seqs = ({ log }) => log.lines.map(({ kind, seq }) => (kind === "gap" ? "gap" : seq));
const ownLine = (seq, id) => line(seq, { name: "alice", client_id: id });

test("one message is in flight at a time, and its line is its answer", () => {
  const { network, outbox, conversation } = enter();
  conversation.say("a", "one");
  conversation.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);

  network.newest.receive({ type: "said", client_id: "b", seq: 2 });
  assert.deepEqual(outbox.messages, []);
});

test("messages written without a connection are sent in order after the welcome", () => {
  const { network, conversation } = enter({ seq: null });
  conversation.say("a", "one");
  conversation.say("b", "two");
  assert.deepEqual(network.newest.sent, []);

  network.newest.receive(welcome(3, lines(1, 3)));
  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);
});

test("a page that was made for another account sends nothing and keeps the messages", () => {
  const { clock, network, outbox, conversation } = enter({ account: 1, seq: null });
  conversation.say("a", "from alice");
  network.newest.receive(welcome(3, lines(1, 3), { account: 2, you: "ben" }));
  clock.pass(600_000);

  assert.equal(conversation.socket.state.name, "other_account");
  assert.deepEqual(network.webSockets.map(({ sent, closed }) => [sent, closed]), [[[], true]]);
  assert.deepEqual(outbox.messages.map(({ text }) => text), ["from alice"]);
  assert.deepEqual([conversation.you, conversation.log.lines], [null, []]);
});

test("a page that was made for the account sends what was written", () => {
  const { network, conversation } = enter({ account: 1, seq: null });
  conversation.say("a", "from alice");
  network.newest.receive(welcome(3, lines(1, 3), { account: 1 }));

  assert.deepEqual(texts(network.newest), ["from alice"]);
});

test("a message without an answer is sent again under its id on a new connection", () => {
  const { clock, network, conversation } = enter();
  conversation.say("a", "one");
  const first = network.newest;
  clock.pass(11_000);

  assert.equal(first.closed, true);
  assert.equal(network.newest.after, 3);
  network.newest.receive(welcome(3));
  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("a message that was saved although its answer was lost is not sent again", () => {
  const { clock, network, outbox, conversation } = enter();
  conversation.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(4, [ownLine(4, "a")]));

  assert.deepEqual(texts(network.newest), []);
  assert.deepEqual(outbox.messages, []);
});

test("the outbox survives a reload", () => {
  const stored = fakeStoredValue();
  enter({ stored, seq: null }).conversation.say("a", "one");
  const { network } = enter({ stored });

  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("a message that is to be tried again is sent after a pause, before later messages", () => {
  const { clock, network, conversation } = enter();
  conversation.say("a", "one");
  network.newest.receive({ type: "error", code: "try_again", text: "", client_id: "a" });
  conversation.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  clock.pass(2_000);
  assert.deepEqual(texts(network.newest), ["one", "one"]);
  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "one", "two"]);
});

for (const code of ["try_again", "too_fast"]) {
  test(`the reason for a delay is kept until the message is answered: ${code}`, () => {
    const { clock, network, conversation } = enter();
    const delayed = { type: "error", code, text: "", client_id: "a" };
    conversation.say("a", "one");
    assert.equal(conversation.sender.delayCode, null);
    for (let again = 0; again < 2; again++) {
      network.newest.receive(delayed);
      assert.equal(conversation.sender.delayCode, code);
      clock.pass(2_000); // the message is in flight again
      assert.equal(conversation.sender.delayCode, code);
    }
    network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
    assert.equal(conversation.sender.delayCode, null);

    conversation.say("b", "two");
    network.newest.receive({ ...delayed, client_id: "b" });
    network.newest.receive({ type: "lines", lines: [ownLine(5, "b")] }); // during the pause
    assert.equal(conversation.sender.delayCode, null);

    conversation.say("c", "three");
    clock.pass(2_000);
    network.newest.receive({ ...delayed, client_id: "c" });
    network.newest.end();
    assert.equal(conversation.sender.delayCode, null);
  });
}

for (const code of ["too_long", "empty", "something_new"]) {
  test(`a message that is refused as ${code} stays in the outbox, and the next one is sent`, () => {
    const { network, outbox, conversation } = enter();
    conversation.say("a", "one");
    conversation.say("b", "two");
    network.newest.receive({ type: "error", code, text: "why", client_id: "a" });

    assert.deepEqual(texts(network.newest), ["one", "two"]);
    assert.ok(outbox.messages[0].refused);

    network.newest.receive({ type: "lines", lines: [ownLine(4, "b")] });
    conversation.retry("a");
    assert.deepEqual(texts(network.newest), ["one", "two", "one"]);
    conversation.discard("a");
    assert.deepEqual(outbox.messages, []);
  });
}

test("after a gap the page reconnects and receives the lines after its last one", () => {
  const { clock, network, conversation, newSeqs } = enter();
  network.newest.receive({ type: "lines", lines: [line(5)] });
  assert.equal(conversation.socket.connected, false);

  clock.pass(1_000);
  assert.equal(network.newest.after, 3);
  network.newest.receive(welcome(5, lines(4, 5)));
  assert.deepEqual(seqs(conversation), [1, 2, 3, 4, 5]);
  assert.deepEqual(newSeqs, [4, 5]);
});

test("a reset replaces the lines and keeps the outbox", () => {
  const { clock, network, outbox, conversation } = enter();
  conversation.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(900, lines(851, 900), { reset: true }));

  assert.deepEqual(seqs(conversation), ["gap", ...range(851, 900)]);
  assert.equal(outbox.messages.length, 1);
  assert.deepEqual(texts(network.newest), ["one"]);
});

test("what was missed is a gap after the lines that the page has", () => {
  const { clock, network, conversation, newSeqs, news } = enter();
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(
    welcome(700, lines(699, 700), { reset: true, missed: 600, skipped: [[650, 698, 30, 19]] }),
  );

  assert.deepEqual(seqs(conversation), [1, 2, 3, "gap", 650, 699, 700]);
  assert.deepEqual(newSeqs, [699, 700]);
  assert.equal(news.missed, 600);

  const gap = conversation.log.lines[3];
  conversation.load(gap, { forward: true });
  network.newest.receive({ type: "history", lines: lines(4, 6), skipped: [], more: true });
  conversation.load(gap);
  network.newest.receive({ type: "history", lines: [line(649)], skipped: [], more: true });
  assert.deepEqual(network.newest.sentOf("history").map(({ after, before }) => after ?? before), [
    3, 650,
  ]);
  assert.deepEqual(seqs(conversation), [1, 2, 3, 4, 5, 6, "gap", 649, 650, 699, 700]);
});

test("a welcome of another log replaces what the page has", () => {
  const { clock, network, conversation } = enter();
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(2, lines(1, 2), { reset: true, missed: null, skipped: [] }));

  assert.deepEqual(seqs(conversation), [1, 2]);
});

test("history is requested once at a time, counted in messages", () => {
  const { network, conversation } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = conversation.log.lines;
  assert.equal(conversation.load(gap), true);
  assert.equal(conversation.load(gap), false);
  assert.deepEqual(network.newest.sent, [
    { type: "history", before: 51, limit: 50, count: "messages" },
  ]);

  network.newest.receive({ type: "history", lines: lines(1, 50), more: false });
  assert.deepEqual(seqs(conversation), range(1, 100));
  assert.equal(conversation.loading, false);
});

test("the end of the log is requested where it is not loaded", () => {
  const { network, conversation } = enter();
  assert.equal(conversation.loadNewest(), false);
  conversation.log.keepOnly(0, 1);
  conversation.loadNewest();
  assert.equal(network.newest.sent[0].before, 4);

  network.newest.receive({ type: "history", lines: [line(3)], skipped: [], more: true });
  assert.deepEqual(seqs(conversation), [1, "gap", 3]);
});

test("after a failed request history can be requested again after a pause", () => {
  const { clock, network, conversation } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = conversation.log.lines;
  conversation.load(gap);
  network.newest.receive({ type: "error", code: "try_again", text: "", client_id: null });
  assert.equal(conversation.load(gap), false);

  clock.pass(2_000);
  assert.equal(conversation.load(gap), true);
});

test("an answer that brings nothing is not asked for again at once", () => {
  const { clock, network, conversation } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = conversation.log.lines;
  conversation.load(gap);
  network.newest.receive({ type: "history", lines: [], more: true });
  assert.equal(conversation.load(gap), false);

  clock.pass(2_000);
  assert.equal(conversation.load(gap), true);
});

test("an unknown frame is ignored", () => {
  const { network, conversation } = enter();
  network.newest.receive({ type: "confetti" });

  assert.equal(conversation.socket.connected, true);
});
