// The messages of the page as places and as things to act on: connects the list with the commands, and
// leads to messages.

import { enableMessageActions } from "./message-actions.js";
import { enableMessageTools } from "./message-tools.js";
import { placeAt } from "./navigation.js";
import { findRoom } from "./unknown-room.js";

const NO_ROOM = "There is no such room, or you may not read it.";
const NOT_ASKED = "The room could not be opened. Check the connection and try again.";

/**
 * `page`: {find, chat, outbox, composer, extras, shownRoom, navigation, flash(text), showRoom(room),
 * changed()}.
 * Returns {command, goTo}. `command(name, ...)` calls a method of the `MessageCommands`, and `goTo`
 * shows a room or a message, {slug, seq}; it returns false if the page does not know the room.
 */
export function enableMessages(page) {
  const { find, chat, extras, shownRoom, navigation, flash, showRoom, changed } = page;
  const list = find("lines");

  async function command(name, ...values) {
    const commands = await extras.messageCommands();
    commands?.[name](...values);
  }

  function goTo({ slug, seq }) {
    const room = chat.rooms.find(slug);
    const isShown = slug === shownRoom.slugOf(chat.shown);
    if (!room && !isShown) return false;
    if (!isShown) showRoom(room);
    if (seq) shownRoom.view.goTo(seq);
    changed();
    return true;
  }

  /** Show a room, or a message in it, also one that the page does not know. Say why if it cannot be. */
  async function visit(place) {
    if (goTo(place)) return;
    const { shown } = chat;
    const room = await findRoom(place.slug);
    if (chat.shown !== shown) return; // the user has gone elsewhere meanwhile
    if (room?.elsewhere) {
      location.assign(room.elsewhere);
      return;
    }
    if (!room) {
      flash(room === null ? NO_ROOM : NOT_ASKED);
      return;
    }
    // The server may have told of the room meanwhile, and more than its page does.
    if (!chat.rooms.get(room.id)) chat.rooms.update(room);
    goTo(place);
  }

  /** Lead the reader to the message that the address names, as in /r/lobby/12/ or #m-12. */
  function followAddress() {
    const [, hash] = /^#m-(\d{1,15})$/.exec(location.hash) ?? [];
    const seq = Number(hash ?? placeAt(location)?.seq);
    if (!seq) return;
    shownRoom.view.goTo(seq);
    changed();
  }

  function follow(name, lead) {
    find(name).addEventListener("click", () => {
      lead();
      changed();
    });
  }

  enableMessageActions({ ...page, list, command, visit });
  enableMessageTools({
    list,
    tools: find("tools"),
    load: () => extras.messageCommands({ quiet: true }),
    openMenu: (message) => command("menu", chat.shown.log.get(+message.dataset.seq), message),
  });
  find("go-to-day").addEventListener("click", () => {
    find("room-menu").open = false;
    command("calendar", Date.now());
  });
  follow("first-unread", () => shownRoom.view.goToFirstUnread());
  follow("back", () => shownRoom.view.goBack());
  follow("newest", () => {
    navigation.leavePlace();
    shownRoom.view.messageList.scrollToEnd();
    shownRoom.view.messageList.focus();
  });
  addEventListener("hashchange", followAddress);
  followAddress();
  return { command, goTo };
}
