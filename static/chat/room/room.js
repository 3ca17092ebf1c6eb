// The room page: creates its parts, and connects them with the page's buttons and the browser.

import { beginsText } from "../core/composing.js";
import { Conversation } from "../core/conversation.js";
import { createDateFormats, untilMidnight } from "../core/dates.js";
import { newClientId, Outbox } from "../core/outbox.js";
import { storageNamed, storedValue } from "../core/stored-value.js";
import { isSigningOut } from "../pages/sign-out.js";
import { closeOnLeaving } from "./closing.js";
import { Composer } from "./composer.js";
import { ConnectionView } from "./connection-view.js";
import { ConversationView } from "./conversation-view.js";
import { oncePerFrame } from "./dom-updates.js";
import { MessageList } from "./message-list.js";
import { PeoplePanel } from "./people-panel.js";
import { enableReading } from "./reading.js";

const page = document.querySelector("[data-room]");
const find = (name) => page.querySelector(`[data-${name}]`);
const accountKey = (name) => `chatsite.${page.dataset.account}.${name}`;
const tabStorage = storageNamed("sessionStorage");
const clock = { now: Date.now, later: setTimeout.bind(window), cancel: clearTimeout.bind(window) };

const outbox = new Outbox(storedValue(tabStorage, accountKey("outbox")));
const conversation = new Conversation({
  account: Number(page.dataset.account),
  open: openWebSocket,
  clock,
  outbox,
  onChange: () => updates.request(),
  onNewLines: (lines, missed) => conversationView.countNewLines(lines, missed),
});
const { socket } = conversation;
let isReloading = false;

const formats = createDateFormats();
const messageList = new MessageList({
  scroller: find("log"),
  list: find("lines"),
  templates: page.querySelectorAll("template[data-template]"),
  formats,
  onScroll: () => conversationView.atEndChanged && updates.request(),
});
const peoplePanel = new PeoplePanel({
  panel: find("people"),
  toggleButton: find("people-toggle"),
  stage: find("stage"),
  backdrop: find("backdrop"),
  isWide: matchMedia("(min-width: 56rem)"),
  choice: storedValue(storageNamed("localStorage"), "chatsite.people"),
});
const composer = new Composer({
  form: find("composer"),
  draft: storedValue(tabStorage, accountKey("draft")),
  send(text) {
    messageList.scrollToEnd();
    conversation.say(newClientId(), text);
  },
});
const connectionView = new ConnectionView({ find, socket, composer });
const conversationView = new ConversationView({
  find,
  conversation,
  outbox,
  messageList,
  peoplePanel,
  formats,
});
enableReading(find("lines"), messageList);
const updates = oncePerFrame(() => {
  conversationView.update({ hasEnded: connectionView.hasEnded });
  connectionView.update();
});

function openWebSocket(after) {
  const url = new URL(page.dataset.socketUrl, location);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("count", "messages");
  if (after !== null) url.searchParams.set("after", after);
  return new WebSocket(url, "chat.v1");
}

// The page's buttons

for (const button of page.querySelectorAll("[data-reconnect]")) {
  button.addEventListener("click", () => {
    socket.connect();
    composer.hidden = false;
    composer.focus();
  });
}
closeOnLeaving(find("menu"));
find("reload").addEventListener("click", () => {
  isReloading = true;
  location.reload();
});
find("leave").addEventListener("click", () => {
  find("menu").open = false;
  socket.leave();
  updates.now();
  connectionView.focusAction();
});
find("newest").addEventListener("click", () => {
  messageList.scrollToEnd();
  messageList.focus();
  updates.request();
});
find("lines").addEventListener("click", ({ target }) => {
  const { action } = target.closest("[data-action]")?.dataset ?? {};
  if (action === "load") conversationView.loadGap(target.closest("[data-gap]"));
  else unsentActions[action]?.(target.closest("[data-id]").dataset.id);
});

const unsentActions = {
  retry(id) {
    messageList.focus(); // the button that was pressed disappears
    conversation.retry(id);
  },
  discard(id) {
    messageList.focus();
    conversation.discard(id);
  },
  edit(id) {
    moveToComposer(id);
    conversation.discard(id);
  },
};

function moveToComposer(id) {
  composer.text = [outbox.get(id).text, composer.text].filter(Boolean).join("\n");
  composer.focus();
}

// The browser's events

document.addEventListener("keydown", (event) => {
  const isOutsideFields = event.target === document.body || find("log").contains(event.target);
  if (isOutsideFields && beginsText(event) && !composer.hidden) composer.focus();
});
addEventListener("online", () => socket.retryNow());
addEventListener("offline", () => socket.reconnect());
addEventListener("pageshow", ({ persisted }) => persisted && socket.retryNow());
addEventListener("beforeunload", (event) => {
  const isDelayed = !socket.connected || conversation.sender.delayCode;
  const isAsked = isSigningOut() || isReloading;
  if (outbox.next && isDelayed && !isAsked) event.preventDefault(); // the browser asks
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  conversationView.pageBecameVisible();
  socket.retryNow();
  socket.checkAlive();
  updates.request();
});

/** At midnight "Today" becomes "Yesterday". */
function updateAtMidnight() {
  const afterMidnight = untilMidnight(clock.now()) + 1_000;
  clock.later(() => {
    updates.request();
    updateAtMidnight();
  }, afterMidnight);
}

if (matchMedia("(hover: hover)").matches) composer.focus(); // not where it opens a keyboard
updateAtMidnight();
socket.connect();
document.documentElement.dataset.loading = "done"; // see loading.js
