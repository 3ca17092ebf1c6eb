// The parts of the page that are loaded when they are first used, so that a first visit is quick.

import { isYou } from "../core/people.js";
import { searchPath, shownPath } from "./navigation.js";
import { findRoom } from "./unknown-room.js";

const NOT_LOADED = "This part of the page could not be loaded. Check the connection and try again.";

export class Extras {
  #page;
  #commands = null;
  #dialogs = null; // the promise of the style and the templates of dialogs

  /**
   * `page`: {chat, composer, formats, flash(text), show(room), say(text), insert(text), goTo(seq),
   * pathTo(seq), changed(), isStaff, editMinutes, dialogs, dialogSheet, emoji}, what the extras work
   * with. The last three are addresses.
   */
  constructor(page) {
    this.#page = page;
  }

  async openSwitcher() {
    const { chat, show } = this.#page;
    const typed = new TypedMeanwhile();
    const module = await this.#load(() => import("../extras/switcher.js"));
    const text = typed.end();
    module?.openSwitcher({
      text,
      context: () => ({
        rooms: chat.rooms,
        people: chat.lobby.people,
        you: chat.you,
        shownId: chat.room?.id,
      }),
      choose: ({ room, person, search }) => {
        if (room) show(room);
        else if (person) void this.#message(person.name);
        else goTo(searchPath(search));
      },
    });
  }

  async openShortcuts() {
    const module = await this.#load(() => import("../extras/shortcuts.js"));
    module?.openShortcuts();
  }

  async openPerson(person) {
    const { chat, formats, insert } = this.#page;
    const module = await this.#load(() => import("../extras/person-card.js"));
    const moderating = await this.#moderating();
    if (!module || !moderating) return;
    module.openPersonCard(person, {
      isYou: isYou(person, chat.you),
      actions: moderating.actionsOn(person),
      places: moderating.places,
      ask: (name) => moderating.sanctionsOf(name),
      moderate: (...chosen) => moderating.begin(...chosen),
      report: (name) => moderating.report(name),
      ignoredAs: () => this.#ignoredAs(person.name),
      ignore: (name, on) => this.#ignore(name, on).then(this.#page.flash),
      formats,
      message: (name) => this.#message(name),
      mention: (name) => insert(`@${name} `),
    });
  }

  async openViewer(link, links) {
    const module = await this.#load(() => import("../extras/viewer.js"));
    module?.openViewer(link, links);
  }

  /** Load what sends files. */
  async uploader(options) {
    const { flash } = this.#page;
    const module = await this.#load(() => import("../extras/uploader.js"));
    return module && new module.Uploader({ ...options, room: shownPath, flash });
  }

  /** Load the commands on messages, once; null if that is not possible, which is said unless `quiet`. */
  async messageCommands({ quiet = false } = {}) {
    const module = await this.#load(() => import("../extras/message-commands.js"), quiet);
    this.#commands ??= module && new module.MessageCommands(this.#page);
    return this.#commands;
  }

  /** Offer completions from now on. */
  async complete(field, list) {
    const { chat, emoji: address } = this.#page;
    const module = await this.#load(() => import("../extras/completion.js"));
    module?.enableCompletion({
      field,
      list,
      context: () => ({
        members: chat.shown.people,
        people: chat.lobby.people,
        rooms: chat.rooms,
        you: chat.you,
        room: chat.room,
      }),
      address,
    });
    return module !== null;
  }

  /** The functions for what is pasted. */
  pasting() {
    return this.#load(() => import("../extras/pasting.js"));
  }

  /** Run a slash command. Returns why it could not be done, or "". */
  async run(text) {
    const { chat, show, say } = this.#page;
    const search = (words) => goTo(searchPath(words));
    const module = await this.#load(() => import("../extras/slash-commands.js"));
    return module ? module.runCommand(text, {
      ...{ chat, show, say, search, find: async (slug) => (await findRoom(slug))?.id },
      ignore: (name, on) => this.#ignore(name, on),
      moderating: () => this.#moderating(),
    }) : NOT_LOADED;
  }

  /** Load the actions of moderators; null if that is not possible, which is said. */
  async #moderating() {
    const module = await this.#load(() => import("../extras/moderating.js"));
    return module && new module.Moderating(this.#page);
  }

  /** Load the choices about notifications. */
  async notices(options) {
    const { show, flash } = this.#page;
    const module = await this.#load(() => import("../extras/notice-choices.js"));
    return module && new module.NoticeChoices({ ...options, open: show, flash });
  }

  /** The name by which the user ignores somebody, which may be one that looks like theirs, or null. */
  async #ignoredAs(name) {
    const { ignored, requests } = this.#page.chat;
    if (!ignored.length || ignored.includes(name)) return ignored.length ? name : null;
    return (await requests.send({ type: "ignores", name })).listed ?? null;
  }

  /** The page is loaded again, so that all messages of the person are hidden or shown. */
  async #ignore(name, on) {
    const { problem } = await this.#page.chat.requests.send({ type: on ? "ignore" : "unignore", name });
    if (!problem) location.reload();
    return problem ?? "";
  }

  async #message(name) {
    const { chat, show, flash } = this.#page;
    const { room, problem } = await chat.requests.send({ type: "direct", names: [name] });
    if (room) show(room);
    else flash(problem);
  }

  async #load(load, quiet = false) {
    const { dialogs, dialogSheet, flash } = this.#page;
    try {
      this.#dialogs ??= Promise.all([loadStyle(dialogSheet), loadTemplates(dialogs)]);
      const [module] = await Promise.all([load(), this.#dialogs]);
      return module;
    } catch {
      this.#dialogs = null;
      if (!quiet) flash(NOT_LOADED);
      return null;
    }
  }
}

function goTo(path) {
  location.assign(path);
}

function loadStyle(href) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  link.dataset.isExtra = "yes"; // its failure is told of here, and tried again
  return new Promise((loaded, failed) => {
    Object.assign(link, { onload: loaded, onerror: failed });
    document.head.append(link);
  });
}

async function loadTemplates(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(address);
  const other = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.body.append(...other.querySelectorAll("template"));
}

/** The characters that are typed until a dialog is there, which they are meant for. */
class TypedMeanwhile {
  #text = "";
  #listening = new AbortController();

  constructor() {
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#take(event), { capture: true, signal });
  }

  end() {
    this.#listening.abort();
    return this.#text;
  }

  #take(event) {
    if (event.ctrlKey || event.metaKey || [...event.key].length !== 1) return;
    this.#text += event.key;
    event.preventDefault();
    event.stopPropagation();
  }
}
