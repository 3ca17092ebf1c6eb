// The room that the page shows, and the change to another one. Each room has a view of its own,
// which keeps its elements, so that a room that was shown before is there at once.

import { withPresence } from "../core/people.js";
import { ConversationView } from "./conversation-view.js";
import { MessageList } from "./message-list.js";
import { pathOf } from "./navigation.js";

const MOST_VIEWS = 12; // rooms whose elements are kept
const NOBODY = [];

export class ShownRoom {
  view;
  #parts;
  #sources = []; // the lists that the panel was filled from
  #views = new Map(); // by conversation, the one that was shown last at the end

  /**
   * `parts`: {find, chat, outbox, composer, peoplePanel, formats, templates, announcements, draftOf,
   * firstSlug, onScroll}; `draftOf(id)` is the draft of a room.
   */
  constructor(parts) {
    this.#parts = parts;
    this.#attach();
  }

  /** Show another room, by its id. */
  switchTo(id) {
    const { chat, composer, draftOf } = this.#parts;
    if (chat.conversation(id) === chat.shown) return;
    this.view.detach();
    chat.show(id);
    this.#attach();
    composer.switchTo(draftOf(id));
  }

  update({ hasEnded }) {
    const { chat } = this.#parts;
    this.view.update();
    chat.unread.isReading = this.view.isAtEnd && !document.hidden;
    chat.unread.mark(chat.shown);
    this.#showPeople(hasEnded);
  }

  /** The people of the room that is shown. */
  get people() {
    const { chat } = this.#parts;
    const { people } = chat.shown;
    return chat.shown === chat.lobby ? people : withPresence(people, chat.lobby.people);
  }

  /** The address of a room, which the page knows for the first one before the server has sent any. */
  slugOf({ room }) {
    return this.#parts.chat.rooms.get(room)?.slug ?? this.#parts.firstSlug;
  }

  #attach() {
    const { chat } = this.#parts;
    const view = this.#views.get(chat.shown) ?? this.#newView(chat.shown);
    this.#views.delete(chat.shown);
    this.#views.set(chat.shown, view);
    const [oldest] = this.#views.keys();
    if (this.#views.size > MOST_VIEWS) this.#views.delete(oldest);
    this.view = view;
    view.attach();
  }

  #newView(conversation) {
    const { find, chat, outbox, formats, templates, announcements, onScroll } = this.#parts;
    const messageList = new MessageList({
      scroller: find("log"),
      list: find("lines"),
      templates,
      formats,
      pathTo: (seq) => pathOf(this.slugOf(conversation), seq),
      onScroll: () => this.view.atEndChanged && onScroll(),
    });
    return new ConversationView({
      find,
      chat,
      conversation,
      outbox,
      messageList,
      announcements,
      formats,
    });
  }

  #showPeople(hasEnded) {
    const { chat, peoplePanel } = this.#parts;
    const sources = hasEnded ? [] : [chat.shown.people, chat.lobby.people];
    if (sources.length === this.#sources.length && sources.every((one, n) => one === this.#sources[n]))
      return;
    this.#sources = sources;
    peoplePanel.show(hasEnded ? NOBODY : this.people, chat.you);
  }
}
