// The buttons in the list of messages: load more, see an author, decide about a message that was not
// sent, and what is done with one that was.

import { placeAt } from "./navigation.js";

/**
 * `command(name, ...)` calls a method of the `MessageCommands`, and `visit(place)` shows a room or a
 * message in it, {slug, seq}.
 */
export function enableMessageActions(page) {
  const { list, chat, outbox, composer, attaching, extras, shownRoom, command, visit } = page;
  const focusLog = () => shownRoom.view.messageList.focus(); // the pressed button disappears

  const unsentActions = {
    retry(id) {
      focusLog();
      chat.retry(id);
    },
    discard(id) {
      focusLog();
      chat.discard(id);
    },
    edit(id) {
      const { text, files, reply, quote } = outbox.get(id);
      if (reply) composer.startReply({ seq: reply, ...quote });
      composer.text = [text, composer.text].filter(Boolean).join("\n");
      void attaching.putBack(files);
      composer.focus();
      chat.discard(id);
    },
  };

  const actions = {
    reply: ({ line }) => command("reply", line),
    pick: ({ line, button }) => command("pick", line, button),
    menu: ({ line, message }) => command("menu", line, message),
    react: ({ line, button }) => command("react", line, button.dataset.emoji),
    restore: ({ line, message }) => {
      message.focus();
      command("restore", line);
    },
    link: ({ line }) => command("copyLink", line),
    jump: ({ line }) => shownRoom.view.goTo(line.of, { from: line.seq }),
  };

  list.addEventListener("click", (event) => {
    const { target } = event;
    const button = target.closest("[data-action]");
    const { action } = button?.dataset ?? {};
    const author = target.closest(".message-head [data-part=name]");
    const message = target.closest("[data-seq]");
    if (action === "load") shownRoom.view.loadGap(target.closest("[data-gap]"));
    else if (action === "view") view(event);
    else if (action === "calendar") command("calendar", button.querySelector("time").dateTime);
    else if (author) void extras.openPerson(personNamed(author));
    else if (Object.hasOwn(actions, action ?? "") && message.dataset.seq) act(event, action, button);
    else if (message?.dataset.id) unsentActions[action]?.(message.dataset.id);
    else followPlace(event);
  });

  /** Open an image, unless the browser was asked to open it in another window. */
  function view(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void extras.openViewer(event.target.closest("a"), () => [...list.querySelectorAll(".picture")]);
  }

  function act(event, action, button) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link opens a tab
    const message = button.closest("[data-seq]");
    const line = chat.shown.log.get(Number(message.dataset.seq));
    event.preventDefault();
    if (line) actions[action]({ line, message, button });
    page.changed();
  }

  /** A link to a room of this site, or to a message in it, is followed without another page. */
  function followPlace(event) {
    const link = event.target.closest("a[href]");
    const place = link && placeAt(new URL(link.href));
    const opensTab = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!place || opensTab) return;
    event.preventDefault();
    void visit(place);
  }

  /** The facts that are known about the author of a message. */
  function personNamed(element) {
    const name = element.textContent;
    const guest = !element.parentElement.querySelector("[data-part=badge]").hidden;
    const isSame = (person) => person.name === name && person.guest === guest;
    const online = chat.lobby.people.some(isSame);
    return shownRoom.people.find(isSame) ?? { name, guest, online };
  }
}
