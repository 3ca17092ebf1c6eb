// The room page: creates its parts, and connects them with the page's buttons and the browser.

import { Chat } from "../core/chat.js";
import { createDateFormats } from "../core/dates.js";
import { Draft } from "../core/draft.js";
import { newClientId, Outbox } from "../core/outbox.js";
import { sentence } from "../core/restraints.js";
import { storageNamed, storedValue } from "../core/stored-value.js";
import { isSigningOut } from "../pages/sign-out.js";
import { Announcements } from "./announcements.js";
import { Attaching } from "./attaching.js";
import { listenToBrowser } from "./browser-events.js";
import { closeOnLeaving } from "./closing.js";
import { Composer } from "./composer.js";
import { ConnectionView } from "./connection-view.js";
import { oncePerFrame } from "./dom-updates.js";
import { Extras } from "./extras.js";
import { flashIn } from "./flash.js";
import { enableKeys } from "./keys.js";
import { enableMessages } from "./messages.js";
import { Navigation, pathOf } from "./navigation.js";
import { PageTitle } from "./page-title.js";
import { enablePasting } from "./pasting.js";
import { PeoplePanel } from "./people-panel.js";
import { enableReading } from "./reading.js";
import { RoomHead } from "./room-head.js";
import { ShownRoom } from "./shown-room.js";
import { Sidebar } from "./sidebar.js";
import { showModerating, showWaiting } from "./waiting-badge.js";

const page = document.querySelector("[data-room]");
const find = (name) => page.querySelector(`[data-${name}]`);
const accountKey = (name) => `chatsite.${page.dataset.account}.${name}`;
const tabStorage = storageNamed("sessionStorage");
const clock = { now: Date.now, later: setTimeout.bind(window), cancel: clearTimeout.bind(window) };
const hasMouse = matchMedia("(hover: hover)").matches; // elsewhere the focus opens a keyboard
const LOBBY = "lobby"; // the slug of the room in which everybody is
const account = Number(page.dataset.account);
const noticesKey = accountKey("notices");
const firstRoom = { id: Number(page.dataset.roomId), slug: page.dataset.roomSlug };

// The chat, without the page

const outbox = new Outbox(storedValue(tabStorage, accountKey("outbox")));
const chat = new Chat({
  account,
  room: firstRoom.slug === LOBBY ? null : firstRoom.id,
  open: openWebSocket,
  clock,
  outbox,
  on: { change: changed, newLines, activity, left, told },
});
const { socket } = chat;
let isReloading = false;
let noticeChoices = null;

// The parts of the page

const flash = flashIn(find("flash"));
const formats = createDateFormats();
const drafts = storageNamed("localStorage");
const draftOf = (id) => new Draft(storedValue(drafts, accountKey(`draft.${id}`)));
const attaching = new Attaching({
  form: find("composer"),
  stage: find("stage"),
  load: () =>
    extras.uploader({
      tray: find("attachments"),
      mostBytes: find("composer").dataset.uploadMb << 20,
      token: page.querySelector("[name=csrfmiddlewaretoken]").value,
    }),
});
const composer = new Composer({
  form: find("composer"),
  draft: draftOf(firstRoom.id),
  attaching,
  send: say,
  run: (text) => extras.run(text),
  edit: (message, text) => messages.command("saveEdit", message, text),
  remove: (message) => messages.command("remove", message),
  editLast: () => messages.command("editLast"),
});
const extras = new Extras({
  chat,
  composer,
  formats,
  flash,
  show: showRoom,
  say,
  insert,
  goTo: (seq) => messages.goTo({ slug: shownRoom.slugOf(chat.shown), seq }),
  pathTo: (seq) => pathOf(shownRoom.slugOf(chat.shown), seq),
  changed,
  isStaff: "staff" in page.dataset,
  editMinutes: Number(page.dataset.editMinutes),
  dialogs: page.dataset.dialogs,
  dialogSheet: page.dataset.dialogSheet,
  emoji: page.dataset.emoji,
});
const peoplePanel = new PeoplePanel({
  panel: find("people"),
  toggleButton: find("people-toggle"),
  backdrop: find("backdrop"),
  isWide: matchMedia("(min-width: 64rem)"),
  choice: storedValue(storageNamed("localStorage"), "chatsite.people"),
  open: (person) => extras.openPerson(person),
});
const roomHead = new RoomHead({ find, chat, flash, changed });
const connectionView = new ConnectionView({ find, chat, composer, roomHead, formats, clock, changed });
const shownRoom = new ShownRoom({
  find,
  chat,
  outbox,
  composer,
  peoplePanel,
  formats,
  templates: page.querySelectorAll("template[data-template]"),
  announcements: new Announcements(find("log")),
  draftOf,
  firstSlug: firstRoom.slug,
  onScroll: changed,
});
const navigation = new Navigation({ first: firstRoom, rooms: chat.rooms, onShow: display });
const sidebar = new Sidebar({
  panel: find("sidebar"),
  toggleButton: find("sidebar-toggle"),
  backdrop: find("backdrop"),
  isWide: matchMedia("(min-width: 48rem)"),
  go: showRoom,
});
const pageTitle = new PageTitle(page.dataset);
const updates = oncePerFrame(() => {
  roomHead.update();
  shownRoom.update({ hasEnded: connectionView.hasEnded });
  sidebar.show(chat.rooms, chat.room);
  showModerating(page, chat.rooms);
  pageTitle.show(chat.rooms, chat.room);
  connectionView.update();
});

function changed() {
  updates.request();
}

function openWebSocket(after) {
  const url = new URL(page.dataset.socketUrl, location);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("count", "messages");
  if (after !== null) url.searchParams.set("after", after);
  return new WebSocket(url, "chat.v1");
}

function say(text, { files, reply } = {}) {
  navigation.leavePlace();
  shownRoom.view.messageList.scrollToEnd();
  const quote = reply && { name: reply.name, text: reply.text };
  chat.say(newClientId(), text, { files, reply: reply?.seq, quote });
}

/** Put a text into the message that is written. */
function insert(text) {
  peoplePanel.drawer.close();
  composer.insert(text);
}

// The room that is shown, and news of all rooms

function showRoom({ id, slug }) {
  navigation.go({ id, slug });
  // Nothing that a drawer covers can have the focus.
  for (const { drawer } of [sidebar, peoplePanel]) drawer.replaced();
  display(id);
  if (hasMouse) composer.focus();
  else shownRoom.view.messageList.focus();
}

function display(id) {
  flash("");
  shownRoom.switchTo(id);
  updates.now();
}

let banned = null; // {room, text} about the room that is shown, which the page is to leave

/** A room that cannot be shown any more makes way for the lobby. */
function left({ id, name }) {
  if (id !== chat.shown.room) return;
  navigation.replace({ id: chat.rooms.lobbyId, slug: LOBBY });
  display(chat.rooms.lobbyId);
  flash(banned?.room === id ? banned.text : `You are not in ${name || "this room"} any more.`);
  banned = null;
}

function newLines(conversation, lines, missed) {
  if (conversation === chat.shown) shownRoom.view.countNewLines(lines, missed);
  noticeChoices?.tell(chat.rooms.get(conversation.room), lines, chat.you);
}

/** The server tells the user something that concerns nobody else. */
function told({ about, room, name, until, reason, count }) {
  if (about === "waiting") showWaiting(page, count);
  if (about === "report") flash("Moderators have looked at your report. Thank you.", "good");
  if (about !== "banned") return;
  const end = until && Date.parse(until);
  const text = sentence(`You are banned from ${name}`, { until: end, reason }, formats.moment);
  if (room === chat.shown.room) banned = { room, text };
  flash(text);
}

function activity(room, line) {
  noticeChoices?.tell(room, [line], chat.you);
}

function markRead() {
  chat.unread.markWhole(chat.shown);
  chat.shown.newAfter = null;
  shownRoom.view.messageList.scrollToEnd();
  updates.request();
}

// The page's buttons and keys

closeOnLeaving(find("menu"));
closeOnLeaving(find("room-menu"));
enableReading(find("lines"), () => shownRoom.view.messageList);
const messages = enableMessages({
  find,
  chat,
  outbox,
  composer,
  attaching,
  extras,
  shownRoom,
  navigation,
  flash,
  showRoom,
  changed,
});
enableKeys({
  chat,
  composer,
  log: find("log"),
  actions: {
    switchRoom: () => extras.openSwitcher(),
    show: showRoom,
    markRead,
    help: () => extras.openShortcuts(),
  },
});
composer.field.addEventListener("input", offerCompletion);
enablePasting(composer.field, extras);
if (find("menu").open) void loadNotices();
else find("menu").addEventListener("toggle", loadNotices, { once: true });
find("switch").addEventListener("click", () => extras.openSwitcher());
find("shortcuts").addEventListener("click", () => {
  find("menu").open = false;
  void extras.openShortcuts();
});
for (const button of page.querySelectorAll("[data-reconnect]")) {
  button.addEventListener("click", () => {
    socket.connect();
    composer.hidden = false;
    composer.focus();
  });
}
find("reload").addEventListener("click", () => {
  isReloading = true;
  location.reload();
});
find("leave").addEventListener("click", () => {
  find("menu").open = false;
  sidebar.drawer.close();
  socket.leave();
  updates.now();
  connectionView.focusAction();
});

/** Load the choices about notifications, where somebody has chosen any or may want to. */
async function loadNotices() {
  noticeChoices ??= await extras.notices({ form: find("notices"), account, key: noticesKey });
}

/** Load the completions when the first word is written that has any. */
async function offerCompletion() {
  if (!/[@#:]|^\//.test(composer.text)) return;
  composer.field.removeEventListener("input", offerCompletion);
  const isLoaded = await extras.complete(composer.field, find("completions"));
  if (!isLoaded) composer.field.addEventListener("input", offerCompletion);
}

const isLeaving = () => isReloading || isSigningOut();
listenToBrowser({ chat, outbox, clock, isLeaving, changed });

if (hasMouse && !find("menu").open) composer.focus();
if (storedValue(storageNamed("localStorage"), noticesKey).read()) void loadNotices();
socket.connect();
document.documentElement.dataset.loading = "done"; // see loading.js
