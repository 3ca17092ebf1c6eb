// The commands of moderators that are written into the composer, and /report.

import { mayDo, placesFor } from "./moderation-rules.js";
import { NOT_LOADED, USAGE, nameIn } from "./slash-parts.js";

const DURATION = /^(\d{1,6}[smhdw])(?:\s+|$)/i;
const MINUTES = /^(\d{1,6})(?:\s+|$)/;
const ADDRESS = /^((?:address|network):\S+)\s*/i;

/** The usage of each command and the function that runs it. `action` is what has to be offered. */
export const MODERATION = {
  report: { usage: "/report NAME WHY", run: report },
  mute: { usage: "/mute TARGET [DURATION] [REASON]", action: "mute", run: restrain("mute") },
  unmute: { usage: "/unmute TARGET", action: "unmute", run: lift("unmute") },
  kick: { usage: "/kick TARGET [DURATION] [REASON]", action: "kick", run: restrain("kick") },
  ban: { usage: "/ban TARGET [DURATION] [REASON]", action: "ban", run: restrain("ban") },
  unban: { usage: "/unban TARGET", action: "unban", run: lift("unban") },
  purge: { usage: "/purge TARGET MINUTES [REASON]", action: "purge", run: purge },
  unpurge: { usage: "/unpurge", action: "unpurge", run: (text, page) => act("unpurge", {}, page) },
  slow: { usage: "/slow SECONDS|off", action: "slow", run: slow },
  lock: { usage: "/lock", action: "lock", run: (text, page) => act("lock", {}, page) },
  unlock: { usage: "/unlock", action: "unlock", run: (text, page) => act("unlock", {}, page) },
};

/** Whether a command exists for the user in a room. */
export const isKnown = ({ action }, room) => !action || mayDo(room, action);

function restrain(action) {
  return (text, page) => {
    const { target, rest } = targetIn(text);
    const [matched = "", duration] = DURATION.exec(rest) ?? [];
    return target ? act(action, { target, duration, reason: rest.slice(matched.length) }, page) : USAGE;
  };
}

function lift(action) {
  return (text, page) => {
    const { target } = targetIn(text);
    // In the lobby the server ends what holds there alone, and on the whole site.
    return target ? act(action, { target }, page, page.chat.room) : USAGE;
  };
}

function purge(text, page) {
  const { target, rest } = targetIn(text);
  const [matched, minutes] = MINUTES.exec(rest) ?? [];
  if (!target || !minutes) return USAGE;
  return act("purge", { target, duration: `${minutes}m`, reason: rest.slice(matched.length) }, page);
}

function slow(text, page) {
  if (!/^(off|\d{1,6})$/i.test(text)) return USAGE;
  const isOff = /^(off|0+)$/i.test(text);
  return act("slow", isOff ? {} : { duration: `${text}s` }, page);
}

async function report(text, { chat, moderating }) {
  const { name, rest } = nameIn(text);
  if (!name || !rest) return USAGE;
  return chat.room ? (await moderating()).sendReport({ name, why: rest }) : NOT_LOADED;
}

/** Do something where the word means it: in the room that is shown. */
async function act(action, fields, { chat, moderating }, place = null) {
  const { room, rooms } = chat;
  const [first] = placesFor({ room, rooms });
  return (await moderating()).act({ action, ...fields, room: place?.id ?? first });
}

/** The target at the beginning of a text, a name or an address, and what follows: {target, rest}. */
function targetIn(text) {
  const [matched, address] = ADDRESS.exec(text) ?? [];
  if (address) return { target: address, rest: text.slice(matched.length) };
  const { name, rest } = nameIn(text);
  return { target: name, rest };
}
