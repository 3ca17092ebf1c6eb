// Rules for the actions of moderators that the page offers. The server decides about each.

import { isYou } from "../core/people.js";

const RANKS = { member: 1, moderator: 2, owner: 3 }; // in a room; somebody else has none
const ON_PEOPLE = ["mute", "kick", "ban", "purge"];
const ENDS = { mute: "unmute", kick: "unban", ban: "unban" };

/** Whether the user moderates the whole site: only then people can be taken out of the lobby. */
export function moderatesSite(rooms) {
  return mayDo(rooms.get(null), "ban");
}

/** Whether the user is offered an action in a room. */
export function mayDo(room, action) {
  return Boolean(room?.moderate?.includes(action));
}

/**
 * The actions on a person that are offered, in their order. `person` is {name, guest, role}, and
 * `place` is {room, rooms, you}: the summary of the room, and all rooms of the user.
 */
export function actionsOn(person, { room, rooms, you }) {
  const rank = RANKS[person.role] ?? 0;
  const isBelow = moderatesSite(rooms) || rank < (RANKS[room?.role] ?? 0);
  if (isYou(person, you) || !isBelow) return [];
  return ON_PEOPLE.filter((action) => mayDo(room, action));
}

/** Whether an action begins a sanction, so that its end may be what fits. */
export const isSanction = (action) => Object.hasOwn(ENDS, action);

/**
 * Where a sanction can begin, and where it can end if it holds: {begin, end: {action, places}}.
 * `sanctions` are those that hold for the person, {kind, room, lift}, and `places` those of
 * `placesFor`. `begin` are those of the places in which the action would not be refused: one of the
 * same kind that holds there makes way for it, if the user may lift that. The whole site is the first
 * place in which it ends: what is ended in the lobby ends on the site too, where nothing would be left
 * to end afterwards.
 */
export function fitting(action, sanctions, places) {
  const held = sanctions.filter(({ kind }) => kind === action);
  const begin = places.filter((place) => held.every(({ room, lift }) => room !== place || lift));
  // A kick and a ban in one place end together, beside the ban, unless the kick alone may be lifted.
  const endsWithBan = (kick) =>
    sanctions.some(({ kind, room, lift }) => kind === "ban" && room === kick.room && (lift || !kick.lift));
  const ending = action === "kick" ? held.filter((kick) => !endsWithBan(kick)) : held;
  const ended = ending.filter(({ lift }) => lift).map(({ room }) => room);
  ended.sort((one, other) => one - other); // null counts as 0
  return { begin, end: ending.length ? { action: ENDS[action], places: ended } : null };
}

/** The places of actions on people: the ids of rooms, of which null means the whole site. */
export function placesFor({ room, rooms }) {
  if (!room) return []; // before the welcome, and with a server that knows one room alone
  if (!moderatesSite(rooms)) return [room.id];
  // Everybody is in the lobby, so it is not asked where.
  return room.id === rooms.lobbyId ? [null] : [room.id, null];
}
