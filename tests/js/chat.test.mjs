import assert from "node:assert/strict";
import { test } from "node:test";

import { Chat } from "../../static/chat/core/chat.js";
import { Outbox } from "../../static/chat/core/outbox.js";
import { ManualClock, FakeNetwork, fakeStoredValue, line, lines, welcome } from "./fakes.mjs";

function enter({ account = 1, stored = fakeStoredValue(), seq = 3 } = {}) {
  const clock = new ManualClock();
  const network = new FakeNetwork();
  const outbox = new Outbox(stored);
  const newSeqs = [];
  const news = { missed: 0 };
  const on = {
    change: () => {},
    newLines: (_, added, missed) => {
      newSeqs.push(...added.map((newLine) => newLine.seq));
      news.missed += missed;
    },
  };
  const chat = new Chat({ account, open: network.open, clock, random: () => 0.5, outbox, on });
  chat.socket.connect();
  if (seq !== null) network.newest.receive(welcome(seq, lines(1, seq)));
  return { clock, network, outbox, newSeqs, news, chat };
}

const texts = (socket) => socket.sentOf("say").map(({ text }) => text);
const range = (first, last) => lines(first, last).map(({ seq }) => seq);
const seqs = ({ lobby }) => lobby.log.lines.map(({ kind, seq }) => (kind === "gap" ? "gap" : seq));
const ownLine = (seq, id) => line(seq, { name: "alice", client_id: id });

test("one message is in flight at a time, and its line is its answer", () => {
  const { network, outbox, chat } = enter();
  chat.say("a", "one");
  chat.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);

  network.newest.receive({ type: "said", client_id: "b", seq: 2 });
  assert.deepEqual(outbox.messages, []);
});

test("an answer names the message that it answers, also after a reload", () => {
  const stored = fakeStoredValue();
  enter({ stored, seq: null }).chat.say("a", "yes", { reply: 2, quote: { name: "bob", text: "text 2" } });
  const { network, outbox } = enter({ stored });
  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", reply: 2, text: "yes", client_id: "a" }]);
  assert.deepEqual(outbox.messages[0].quote, { name: "bob", text: "text 2" });
});

test("an edit is answered by its line, and sent again over a new connection until it is", async () => {
  const { network, clock, chat } = enter();
  const edit = { type: "edit", seq: 2, text: "new" };
  const answer = chat.changes.send({ ...edit, room: null });
  network.newest.end();
  clock.pass(5_000);
  network.newest.receive(welcome(3, []));
  assert.deepEqual(network.newest.sentOf("edit"), [edit]);

  const changed = line(4, { kind: "edited", of: 2, name: "alice", text: "new" });
  network.newest.receive({ type: "lines", lines: [changed] });
  assert.equal(await answer, "");
  assert.equal(chat.lobby.log.get(2).text, "new");
});

test("a change that is done or refused is answered, and does not delay anything else", async () => {
  const { network, chat } = enter();
  const done = chat.changes.send({ type: "remove", room: null, seq: 2 });
  const refused = chat.changes.send({ type: "edit", room: null, seq: 2, text: "x" });
  network.newest.receive({ type: "error", code: "too_fast", text: "", client_id: null, answer: "edit", seq: 2, retry_in: 3 });
  network.newest.receive({ type: "done", answer: "remove", seq: 2 });
  network.newest.receive({ type: "error", code: "not_allowed", text: "No.", client_id: null, answer: "edit", seq: 2 });
  assert.deepEqual([await done, await refused], ["", "No."]);
  assert.equal(chat.changes.isBusy, false);
});

test("messages written without a connection are sent in order after the welcome", () => {
  const { network, chat } = enter({ seq: null });
  chat.say("a", "one");
  chat.say("b", "two");
  assert.deepEqual(network.newest.sent, []);

  network.newest.receive(welcome(3, lines(1, 3)));
  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "two"]);
});

test("a page that was made for another account sends nothing and keeps the messages", () => {
  const { clock, network, outbox, chat } = enter({ account: 1, seq: null });
  chat.say("a", "from alice");
  network.newest.receive(welcome(3, lines(1, 3), { account: 2, you: "ben" }));
  clock.pass(600_000);

  assert.equal(chat.socket.state.name, "other_account");
  assert.deepEqual(network.webSockets.map(({ sent, closed }) => [sent, closed]), [[[], true]]);
  assert.deepEqual(outbox.messages.map(({ text }) => text), ["from alice"]);
  assert.deepEqual([chat.you, chat.lobby.log.lines], [null, []]);
});

test("a page that was made for the account sends what was written", () => {
  const { network, chat } = enter({ account: 1, seq: null });
  chat.say("a", "from alice");
  network.newest.receive(welcome(3, lines(1, 3), { account: 1 }));

  assert.deepEqual(texts(network.newest), ["from alice"]);
});

test("a message without an answer is sent again under its id on a new connection", () => {
  const { clock, network, chat } = enter();
  chat.say("a", "one");
  const first = network.newest;
  clock.pass(11_000);

  assert.equal(first.closed, true);
  assert.equal(network.newest.after, 3);
  network.newest.receive(welcome(3));
  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("a message that was saved although its answer was lost is not sent again", () => {
  const { clock, network, outbox, chat } = enter();
  chat.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(4, [ownLine(4, "a")]));

  assert.deepEqual(texts(network.newest), []);
  assert.deepEqual(outbox.messages, []);
});

test("the outbox survives a reload", () => {
  const stored = fakeStoredValue();
  enter({ stored, seq: null }).chat.say("a", "one");
  const { network } = enter({ stored });

  assert.deepEqual(network.newest.sentOf("say"), [{ type: "say", text: "one", client_id: "a" }]);
});

test("a message that is to be tried again is sent after a pause, before later messages", () => {
  const { clock, network, chat } = enter();
  chat.say("a", "one");
  network.newest.receive({ type: "error", code: "try_again", text: "", client_id: "a" });
  chat.say("b", "two");
  assert.deepEqual(texts(network.newest), ["one"]);

  clock.pass(2_000);
  assert.deepEqual(texts(network.newest), ["one", "one"]);
  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  assert.deepEqual(texts(network.newest), ["one", "one", "two"]);
});

for (const code of ["try_again", "too_fast"]) {
  test(`the reason for a delay is kept until the message is answered: ${code}`, () => {
    const { clock, network, chat } = enter();
    const delayed = { type: "error", code, text: "", client_id: "a" };
    chat.say("a", "one");
    assert.equal(chat.sender.delayCode, null);
    for (let again = 0; again < 2; again++) {
      network.newest.receive(delayed);
      assert.equal(chat.sender.delayCode, code);
      clock.pass(2_000); // the message is in flight again
      assert.equal(chat.sender.delayCode, code);
    }
    network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
    assert.equal(chat.sender.delayCode, null);

    chat.say("b", "two");
    network.newest.receive({ ...delayed, client_id: "b" });
    network.newest.receive({ type: "lines", lines: [ownLine(5, "b")] }); // during the pause
    assert.equal(chat.sender.delayCode, null);

    chat.say("c", "three");
    clock.pass(2_000);
    network.newest.receive({ ...delayed, client_id: "c" });
    network.newest.end();
    assert.equal(chat.sender.delayCode, null);
  });
}

for (const code of ["too_long", "empty", "something_new"]) {
  test(`a message that is refused as ${code} stays in the outbox, and the next one is sent`, () => {
    const { network, outbox, chat } = enter();
    chat.say("a", "one");
    chat.say("b", "two");
    network.newest.receive({ type: "error", code, text: "why", client_id: "a" });

    assert.deepEqual(texts(network.newest), ["one", "two"]);
    assert.ok(outbox.messages[0].refused);

    network.newest.receive({ type: "lines", lines: [ownLine(4, "b")] });
    chat.retry("a");
    assert.deepEqual(texts(network.newest), ["one", "two", "one"]);
    chat.discard("a");
    assert.deepEqual(outbox.messages, []);
  });
}

test("after a gap the page reconnects and receives the lines after its last one", () => {
  const { clock, network, chat, newSeqs } = enter();
  network.newest.receive({ type: "lines", lines: [line(5)] });
  assert.equal(chat.socket.connected, false);

  clock.pass(1_000);
  assert.equal(network.newest.after, 3);
  network.newest.receive(welcome(5, lines(4, 5)));
  assert.deepEqual(seqs(chat), [1, 2, 3, 4, 5]);
  assert.deepEqual(newSeqs, [4, 5]);
});

test("a reset replaces the lines and keeps the outbox", () => {
  const { clock, network, outbox, chat } = enter();
  chat.say("a", "one");
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(900, lines(851, 900), { reset: true }));

  assert.deepEqual(seqs(chat), ["gap", ...range(851, 900)]);
  assert.equal(outbox.messages.length, 1);
  assert.deepEqual(texts(network.newest), ["one"]);
});

test("what was missed is a gap after the lines that the page has", () => {
  const { clock, network, chat, newSeqs, news } = enter();
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(
    welcome(700, lines(699, 700), { reset: true, missed: 600, skipped: [[650, 698, 30, 19]] }),
  );

  assert.deepEqual(seqs(chat), [1, 2, 3, "gap", 650, 699, 700]);
  assert.deepEqual(newSeqs, [699, 700]);
  assert.equal(news.missed, 600);

  const gap = chat.lobby.log.lines[3];
  chat.history.load(chat.lobby, gap, { forward: true });
  network.newest.receive({ type: "history", lines: lines(4, 6), skipped: [], more: true });
  chat.history.load(chat.lobby, gap);
  network.newest.receive({ type: "history", lines: [line(649)], skipped: [], more: true });
  assert.deepEqual(network.newest.sentOf("history").map(({ after, before }) => after ?? before), [
    3, 650,
  ]);
  assert.deepEqual(seqs(chat), [1, 2, 3, 4, 5, 6, "gap", 649, 650, 699, 700]);
});

test("a welcome of another log replaces what the page has", () => {
  const { clock, network, chat } = enter();
  network.newest.end();
  clock.pass(1_000);
  network.newest.receive(welcome(2, lines(1, 2), { reset: true, missed: null, skipped: [] }));

  assert.deepEqual(seqs(chat), [1, 2]);
});

test("history is requested once at a time, counted in messages", () => {
  const { network, chat } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = chat.lobby.log.lines;
  assert.equal(chat.history.load(chat.lobby, gap), true);
  assert.equal(chat.history.load(chat.lobby, gap), false);
  assert.deepEqual(network.newest.sent, [
    { type: "history", before: 51, limit: 50, count: "messages" },
  ]);

  network.newest.receive({ type: "history", lines: lines(1, 50), more: false });
  assert.deepEqual(seqs(chat), range(1, 100));
  assert.equal(chat.history.loading, false);
});

test("the end of the log is requested where it is not loaded", () => {
  const { network, chat } = enter();
  assert.equal(chat.history.loadNewest(chat.lobby), false);
  chat.lobby.log.keepOnly(0, 1);
  chat.history.loadNewest(chat.lobby);
  assert.equal(network.newest.sent[0].before, 4);

  network.newest.receive({ type: "history", lines: [line(3)], skipped: [], more: true });
  assert.deepEqual(seqs(chat), [1, "gap", 3]);
});

test("after a failed request history can be requested again after a pause", () => {
  const { clock, network, chat } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = chat.lobby.log.lines;
  chat.history.load(chat.lobby, gap);
  network.newest.receive({ type: "error", code: "try_again", text: "", client_id: null });
  assert.equal(chat.history.load(chat.lobby, gap), false);

  clock.pass(2_000);
  assert.equal(chat.history.load(chat.lobby, gap), true);
});

test("history that the server holds is awaited for longer", () => {
  const { clock, network, chat } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = chat.lobby.log.lines;
  chat.history.load(chat.lobby, gap);
  network.newest.receive({ type: "error", code: "too_fast", client_id: null, retry_in: 15 });
  clock.pass(15_000);
  assert.equal(network.newest.closed, false);
  assert.equal(chat.history.loading, true);

  network.newest.receive({ type: "history", lines: lines(1, 50), more: false });
  assert.deepEqual(range(1, 100), seqs(chat));
});

test("an answer that brings nothing is not asked for again at once", () => {
  const { clock, network, chat } = enter({ seq: null });
  network.newest.receive(welcome(100, lines(51, 100)));
  const [gap] = chat.lobby.log.lines;
  chat.history.load(chat.lobby, gap);
  network.newest.receive({ type: "history", lines: [], more: true });
  assert.equal(chat.history.load(chat.lobby, gap), false);

  clock.pass(2_000);
  assert.equal(chat.history.load(chat.lobby, gap), true);
});

test("an unknown frame is ignored", () => {
  const { network, chat } = enter();
  network.newest.receive({ type: "confetti" });

  assert.equal(chat.socket.connected, true);
});

test("a message that waits for a moderator goes when its line comes, or tells why it was refused", () => {
  const { network, outbox, chat } = enter();
  for (const id of ["a", "b"]) {
    chat.say(id, `text ${id}`);
    network.newest.receive({ type: "held", client_id: id, state: "waiting" });
  }
  assert.deepEqual(texts(network.newest), ["text a", "text b"]);
  assert.equal(outbox.messages.length, 2);

  network.newest.receive({ type: "lines", lines: [ownLine(4, "a")] });
  network.newest.receive({ type: "held", client_id: "b", state: "refused", reason: "No ads" });
  assert.deepEqual(outbox.messages.map(({ refused }) => refused), ["A moderator has refused it: No ads"]);
  assert.deepEqual(texts(network.newest), ["text a", "text b"]);
  chat.discard("b");
  assert.deepEqual(outbox.messages, []);
});

test("after a lost connection the welcome tells which messages still wait", () => {
  const stored = fakeStoredValue();
  const first = enter({ stored });
  for (const id of ["a", "b", "c"]) {
    first.chat.say(id, `text ${id}`);
    first.network.newest.receive({ type: "held", client_id: id, state: "waiting" });
  }
  const { network, outbox } = enter({ stored, seq: null });
  const held = [{ client_id: "b", room: 1, text: "text b", at: "2025-05-05T12:00:00Z" }];
  const rooms = [{ id: 1, slug: "lobby", kind: "open" }];
  network.newest.receive({ ...welcome(4, [...lines(1, 3), ownLine(4, "a")]), rooms, held });
  assert.deepEqual(texts(network.newest), ["text c"]); // about which something was decided
  network.newest.receive({ type: "said", client_id: "c", seq: 2 });
  assert.deepEqual(outbox.messages.map(({ client_id: id, held: waits }) => [id, waits]), [["b", true]]);
});
