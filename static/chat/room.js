// The room page: finds what the markup names, and connects it with a conversation.

import { clientId } from "./client-id.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { itemsOf } from "./items.js";
import { memory } from "./memory.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { setText } from "./set-text.js";
import { signingOut } from "./sign-out.js";
import { describe } from "./status.js";
import { Timeline } from "./timeline.js";
import { createTimes, untilMidnight } from "./times.js";

const MOST_AT_END = 1_500; // lines on the page; older ones are loaded again by scrolling up
const KEPT_AT_END = 1_000;
const MOST_READING = 10_000; // so far may one scroll up; then the newest come back

const NOBODY = [];
const PAUSES = {
  try_again: "Not saved yet, trying again",
  too_fast: "Slowed down, will be sent soon",
};

const page = document.querySelector("[data-room]");
const find = (name) => page.querySelector(`[data-${name}]`);
const mine = (name) => `chatsite.${page.dataset.me}.${name}`;
const clock = { now: Date.now, later: setTimeout.bind(window), cancel: clearTimeout.bind(window) };
const roomName = document.title;

let unseen = 0; // messages that came while the page was out of sight
let below = 0; // messages that came while one read further up

const outbox = new Outbox(memory(sessionStorage, mine("outbox")));
const conversation = new Conversation({ open, clock, outbox, changed: draw, arrived });
const { log, link } = conversation;

const timeline = new Timeline({
  scroller: find("log"),
  list: find("lines"),
  templates: page.querySelectorAll("template[data-template]"),
  times: createTimes(),
  scrolled: () => {
    if (timeline.atEnd !== shownAtEnd) draw();
  },
});
const people = new People({
  panel: find("people"),
  button: find("users"),
  behind: find("behind"),
  backdrop: find("backdrop"),
  back: find("back"),
  wide: matchMedia("(min-width: 56rem)"),
  kept: memory(localStorage, "chatsite.people"),
});
const composer = new Composer({
  form: find("composer"),
  draft: memory(sessionStorage, mine("draft")),
  send(text) {
    timeline.toEnd();
    conversation.say(clientId(), text);
  },
});

function open(after) {
  const url = new URL(page.dataset.socket, location);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  if (after !== null) url.searchParams.set("after", after);
  return new WebSocket(url, "chat.v1");
}

function arrived(lines) {
  const news = lines.filter(
    ({ kind, name, guest }) => kind === "said" && (guest || name !== conversation.you),
  ).length;
  if (document.hidden) unseen += news;
  if (!timeline.atEnd) below += news;
  if (log.lines.length > (timeline.atEnd ? MOST_AT_END : MOST_READING)) {
    log.forget(KEPT_AT_END);
    timeline.atEnd = true;
  }
}

// Drawing: at most once a frame. Out of sight there are no frames; then a timer draws.

const WITHOUT_FRAMES = 250; // ms
let frame = null;
let timer = null;
let firstShown = null; // null: nothing yet, and what comes first is history
let lastShown = null;
let shownAtEnd = true;
let shownPeople = null;

function draw() {
  frame ??= requestAnimationFrame(drawNow);
  timer ??= setTimeout(drawNow, WITHOUT_FRAMES);
}

function drawNow() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  frame = timer = null;
  if (log.last !== null) {
    if (log.first !== firstShown || log.first > lastShown + 1) timeline.quietly();
    firstShown = log.first;
    lastShown = log.last;
  }
  timeline.show(itemsOf(log.lines, pending(), conversation.you), () => {
    find("older").hidden = !log.more;
    find("empty").hidden =
      log.last === null || log.more || log.lines.some(({ kind }) => kind === "said");
  });
  shownAtEnd = timeline.atEnd;
  if (shownAtEnd) below = 0;
  drawPeople(link.over ? NOBODY : log.people);
  find("newest").hidden = shownAtEnd;
  const news = below === 1 ? "1 new message" : `${below} new messages`;
  setText(find("newest"), below ? news : "Newest messages");
  document.title = unseen ? `(${unseen}) ${roomName}` : roomName;
  drawStatus();
  watchTop();
}

function drawAtMidnight() {
  clock.later(() => {
    draw();
    drawAtMidnight();
  }, untilMidnight(clock.now()) + 1_000);
}

function drawPeople(here) {
  if (here !== shownPeople) people.show(here, conversation.you);
  shownPeople = here;
}

function pending() {
  return outbox.entries.map((entry) => {
    if (entry.refused) return { ...entry, state: "refused", why: `Not sent. ${entry.refused}` };
    if (!link.connected) {
      return { ...entry, state: "waiting", why: "Will be sent when you are connected" };
    }
    const why = entry === outbox.next ? PAUSES[conversation.pausing] : undefined;
    return { ...entry, state: "sending", why };
  });
}

// The state of the connection

let ticking = null;

function drawStatus() {
  const { tone, label, seconds, banner, action } = describe(link.state, {
    online: navigator.onLine,
    now: clock.now(),
  });
  find("status").dataset.tone = find("banner").dataset.tone = tone;
  setText(find("status-label"), label);
  setText(find("status-seconds"), seconds ? `in ${seconds} s` : "");
  setText(find("banner-text"), banner ?? "");
  find("banner").hidden = !banner;
  for (const one of page.querySelectorAll("[data-banner] [data-for]")) {
    one.hidden = one.dataset.for !== action;
  }
  const wrote = composer.focused;
  find("leave").disabled = composer.hidden = tone === "over";
  if (wrote && tone === "over") focusBanner();
  clearTimeout(ticking);
  if (link.state.name === "waiting") ticking = setTimeout(drawStatus, 500);
}

function focusBanner() {
  page.querySelector("[data-banner] [data-for]:not([hidden])").focus();
}

/** Where the focus goes when what had it is gone. */
function focusLog() {
  find("log").focus({ preventScroll: true });
}

for (const again of page.querySelectorAll("[data-again]")) {
  again.addEventListener("click", () => {
    link.connect();
    composer.hidden = false;
    composer.focus();
  });
}
find("leave").addEventListener("click", () => {
  link.leave();
  drawNow();
  focusBanner();
});
addEventListener("online", () => link.hurry());
addEventListener("offline", () => link.lost());
addEventListener("pageshow", ({ persisted }) => persisted && link.hurry());
addEventListener("beforeunload", (event) => {
  const waits = outbox.next && (!link.connected || conversation.pausing);
  if (waits && !signingOut()) event.preventDefault(); // the browser asks
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  link.hurry();
  link.probe();
  draw();
});

// Scrolling

const top = new IntersectionObserver(
  ([entry]) => entry.isIntersecting && conversation.loadOlder(),
  { root: find("log"), rootMargin: "600px 0px 0px" },
);

/** The observer speaks on changes only: after each page, ask it anew. */
function watchTop() {
  top.disconnect();
  // Many comings and goings are few words: the top may be in sight although a lot is loaded.
  const enough = timeline.atEnd && log.lines.length >= KEPT_AT_END;
  if (log.more && link.connected && !conversation.loading && !enough) top.observe(find("older"));
}

find("older").addEventListener("click", () => conversation.loadOlder());
find("newest").addEventListener("click", () => {
  timeline.toEnd();
  focusLog();
  draw();
});

// What was not sent

find("lines").addEventListener("click", ({ target }) => {
  const action = target.closest("[data-action]")?.dataset.action;
  const id = target.closest("[data-id]")?.dataset.id;
  if (!action || !id) return;
  if (action === "edit") takeBack(id);
  else focusLog();
  if (action === "retry") conversation.retry(id);
  else conversation.discard(id);
});

function takeBack(id) {
  const entry = outbox.entries.find(({ client_id: one }) => one === id);
  composer.text = [entry.text, composer.text].filter(Boolean).join("\n");
  composer.focus();
}

if (matchMedia("(hover: hover)").matches) composer.focus();
drawAtMidnight();
link.connect();
