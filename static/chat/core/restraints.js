// The obstacles to speaking in a room: a mute, a lock, moderators at its door, or slow mode.

const SECOND = 1_000; // ms
const MINUTE = 60; // seconds
const LONG = 100; // seconds
const LONGEST_PAUSE = 3_600_000; // ms until the page looks again, as timers have a limit

/**
 * {kind, until?, reason?}, or null if the user may speak. `kind` is "muted", "locked", "asking" or
 * "slow", and `until` the time at which it ends, in milliseconds. `room` is the summary of the room,
 * and `spokeAt` is when the user has said something there last; null if that is not known.
 */
export function restraintIn(room, { spokeAt = null, now }) {
  if (!room) return null;
  const { muted, locked, slow = 0, moderate = [], by_request: byRequest, role } = room;
  const end = muted?.until ? Date.parse(muted.until) : null;
  if (muted && (end === null || end > now)) return { kind: "muted", until: end, reason: muted.reason };
  if (moderate.length) return null;
  if (byRequest && !role) return { kind: "asking" };
  if (locked) return { kind: "locked" };
  const until = spokeAt === null ? now : spokeAt + slow * SECOND;
  return until > now ? { kind: "slow", until } : null;
}

/** The sentence about a restraint. `moment(time)` writes a time. */
export function describeRestraint(restraint, moment) {
  switch (restraint?.kind) {
    case "muted":
      return sentence("You cannot speak here", restraint, moment);
    case "locked":
      return "Only moderators may speak here now.";
    default: // slow mode is shown by the button, and the room's head says how to join
      return "";
  }
}

/** A sentence with the end and the reason of a sanction, as far as they are known. */
export function sentence(what, { until, reason }, moment) {
  const end = until ? ` until ${moment(until)}` : "";
  return reason ? `${what}${end}: ${reason}` : `${what}${end}.`;
}

/** The seconds until a time, of which the last one is one. */
function secondsUntil(until, now) {
  return Math.max(1, Math.ceil((until - now) / SECOND));
}

/** The time that is left, for the button: `12 s`, or `4:59` if it is long. */
export function leftText(until, now) {
  const seconds = secondsUntil(until, now);
  if (seconds < LONG) return `${seconds} s`;
  return `${Math.floor(seconds / MINUTE)}:${String(seconds % MINUTE).padStart(2, "0")}`;
}

/** The milliseconds after which a restraint looks different; null if time does not change it. */
export function nextChange(restraint, now) {
  if (!restraint?.until) return null;
  if (restraint.kind === "slow") return (restraint.until - now) % SECOND || SECOND;
  return Math.min(restraint.until - now, LONGEST_PAUSE);
}
