// The commands that are written into the composer: they begin with a slash. They are those of
// chat/wire/words.py that are marked for the page.

import { titleOf } from "../core/room-list.js";
import { isKnown, MODERATION } from "./moderation-words.js";
import { nameIn, NOT_LOADED, USAGE } from "./slash-parts.js";

const NO_TEXT = '""'; // removes the topic
const SAY_IT = "To say a text that begins with a slash, write two of them.";

/** The usage of each command and the function that runs it, in the order of the help. */
export const COMMANDS = {
  search: { usage: "/search WORDS", run: search },
  join: { usage: "/join ROOM", run: join },
  leave: { usage: "/leave [ROOM]", run: leave },
  topic: { usage: "/topic [TEXT]", run: topic },
  invite: { usage: "/invite NAME", run: invite },
  msg: { usage: "/msg NAME TEXT", run: message },
  level: { usage: "/level LEVEL [ROOM]", run: level },
  ignore: { usage: "/ignore [NAME]", run: ignore },
  unignore: { usage: "/unignore NAME", run: (text, page) => setIgnored(text, page, false) },
  ...MODERATION,
};

/** The commands that the user has in a room, by their names. */
export function commandsIn(room) {
  return Object.fromEntries(Object.entries(COMMANDS).filter(([, command]) => isKnown(command, room)));
}

/**
 * Run a command. Returns a promise of what to tell, such as why it could not be done, or of "".
 * `page`: {chat, show(room), say(text), search(words), ignore(name, on), find(slug), moderating()};
 * `find` asks the server for the id of a room, and `moderating` loads the actions of moderators.
 */
export async function runCommand(text, page) {
  const [, word, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  const name = word.toLowerCase();
  const commands = commandsIn(page.chat.room);
  if (!Object.hasOwn(commands, name)) {
    const usages = Object.values(commands).map(({ usage }) => usage);
    return `There is no command /${word}. There are ${usages.join(", ")}. ${SAY_IT}`;
  }
  const problem = await commands[name].run(rest.trim(), page);
  return problem === USAGE ? `Write it like this: ${commands[name].usage}` : problem;
}

function search(text, page) {
  if (!text) return USAGE;
  page.search(text);
  return "";
}

async function join(text, { chat, show, find }) {
  const wanted = nameOfRoom(text);
  if (!wanted) return USAGE;
  const known = roomNamed(wanted, chat);
  if (known?.role) {
    show(known);
    return "";
  }
  const id = known?.id ?? (await find(wanted.toLowerCase().replaceAll(" ", "-")));
  if (!id) return `There is no room ${wanted} that you can join.`;
  const { room, problem } = await chat.requests.send({ type: "join", room: id });
  if (room) show(room);
  return problem ?? "";
}

function leave(text, { chat }) {
  return askIn(nameOfRoom(text), chat, { type: "part" });
}

function topic(text, { chat }) {
  if (text) return ask(chat, { type: "topic", text: text === NO_TEXT ? "" : text });
  if (!chat.room) return NOT_LOADED;
  return chat.room.topic ? `The topic is: ${chat.room.topic}` : "There is no topic.";
}

async function invite(text, { chat }) {
  const { name } = nameIn(text);
  return name ? ask(chat, { type: "invite", name }) : USAGE;
}

async function message(text, { chat, show, say }) {
  const { name, rest } = nameIn(text);
  if (!name) return USAGE;
  const { room, problem } = await chat.requests.send({ type: "direct", names: name.split(",") });
  if (!room) return problem;
  show(room);
  if (rest) say(rest);
  return "";
}

const LEVELS = ["all", "mentions", "nothing"];

function level(text, { chat }) {
  const [chosen, ...rest] = text.split(/\s+/);
  if (!chosen) return USAGE;
  if (!LEVELS.includes(chosen)) return `There are the levels ${LEVELS.join(", ")}.`;
  return askIn(nameOfRoom(rest.join(" ")), chat, { type: "level", level: chosen });
}

async function ignore(text, page) {
  const { ignored } = page.chat;
  if (text) return setIgnored(text, page, true);
  return ignored.length ? `You ignore ${ignored.join(", ")}.` : "You ignore nobody.";
}

async function setIgnored(text, page, on) {
  const { name } = nameIn(text);
  return name ? page.ignore(name, on) : USAGE;
}

/** Ask for something in the room with a name, or without one in the room that is shown. */
async function askIn(wanted, chat, fields) {
  if (!wanted) return ask(chat, fields);
  const room = roomNamed(wanted, chat);
  return room ? ask(chat, fields, room) : `You are in no room ${wanted}.`;
}

/** Ask for something in a room, by default the one that is shown. */
async function ask(chat, fields, room = chat.room) {
  if (!room) return NOT_LOADED;
  const { problem } = await chat.requests.send({ ...fields, room: room.id });
  return problem ?? "";
}

function nameOfRoom(text) {
  return text.replace(/^#/, "").trim();
}

/** The room of the member with an address or a title. */
function roomNamed(wanted, { rooms }) {
  return rooms.all.find(
    (room) => room.slug === wanted || titleOf(room).toLowerCase() === wanted.toLowerCase(),
  );
}
