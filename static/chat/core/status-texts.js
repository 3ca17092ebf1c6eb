// The texts for the state of the connection and of messages that are not sent yet.

import { sentence } from "./restraints.js";

const KEPT = "What you write is kept and will be sent when you are connected again.";
const OTHER_ACCOUNT =
  "Another account has signed in with this browser. What you wrote is kept and was not sent.";
const REPLACED =
  "You have opened the room in too many places, so this page was disconnected.";
const INTERRUPTIONS = {
  restart: "The server is restarting.",
  too_many: "Too many people are connected at the moment.",
};
const BRIEF = 1_000; // ms; no notice appears for an interruption that is over before it is read
const DELAYS = {
  try_again: "Not saved yet, trying again",
  too_fast: "Slowed down, will be sent soon",
};
const SANCTIONS = { muted: "You cannot speak here", banned: "You are banned from this room" };
const REFUSALS = {
  too_long: "A message can have at most 4000 characters and 100 lines.",
  empty: "This message has no visible text.",
  ask_first: "Moderators decide who may join this room. Ask to join first.",
};

/**
 * {tone, label, seconds?, banner?, countdown?, action?}: `tone` is good, trying, bad or ended;
 * `seconds` is the time until the next attempt; `action` is the button that the banner offers.
 * `moment(time)` writes a time.
 */
export function describeConnection(state, { online, now, moment }) {
  switch (state.name) {
    case "connected":
      return { tone: "good", label: "Connected" };
    case "waiting":
      return describeInterruption(state, online, now);
    case "left":
      return ended("Left", "You have left", "rejoin");
    case "signed_out":
      return ended("Signed out", "You are signed out", "sign-in");
    case "removed":
      return ended("Removed", "You were removed from the room", "rejoin");
    case "banned":
      return describeBan(state, now, moment);
    case "replaced":
      return ended("Replaced", REPLACED, "rejoin");
    case "other_account":
      return ended("Other account", OTHER_ACCOUNT, "reload");
    default:
      // An attempt has the texts of the pause before it: screen readers announce every change.
      if (state.reason) return describeInterruption(state, online, now);
      return { tone: "trying", label: "Connecting…" };
  }
}

function describeInterruption({ name, reason, lostAt, until }, online, now) {
  if (!online) {
    return { tone: "bad", label: "Offline", banner: `You are offline. ${KEPT}`, action: "retry" };
  }
  const isFull = reason === "too_many";
  const label = isFull ? "Full, trying again" : "Reconnecting";
  const tone = isFull ? "bad" : "trying";
  const isWaiting = name === "waiting";
  const seconds = isWaiting ? Math.max(1, Math.ceil((until - now) / 1000)) : undefined;
  if (!isFull && (isWaiting ? until : now) - lostAt < BRIEF) return { tone, label, seconds };
  const countdown = isWaiting ? `${label} in ${seconds} s` : `${label}…`;
  const banner = `${INTERRUPTIONS[reason] ?? "The connection was lost."} ${KEPT}`;
  return { tone, label, seconds, banner, countdown, action: "retry" };
}

/** Somebody who is banned for a time may come back after it. */
function describeBan({ endsAt, why }, now, moment) {
  const until = endsAt ? Date.parse(endsAt) : null;
  if (until !== null && until <= now) return ended("Banned", "Your ban has ended", "rejoin");
  return ended("Banned", sentence("You are banned", { until, reason: why }, moment));
}

function ended(label, banner, action) {
  return { tone: "ended", label, banner, action };
}

/** The words of an error, with end and reason of a sanction. `moment(time)` writes a time. */
export function errorText({ code, text, until, reason }, moment) {
  if (code === "too_soon" && reason) return `Moderators have declined: ${reason}`;
  if (!Object.hasOwn(SANCTIONS, code)) return text;
  return sentence(SANCTIONS[code], { until: until && Date.parse(until), reason }, moment);
}

/** Tell the author of a message the reason for which the server refused it. */
export function refusalText(code, serverText) {
  return REFUSALS[code] ?? serverText;
}

/** Tell the author of a message that waited the reason for which a moderator refused it. */
export function moderatorsRefusal(reason) {
  return `A moderator has refused it${reason ? `: ${reason}` : "."}`;
}

/** {state, note?, final?} of a message in the outbox; `delayCode` is set where the server delays it. */
export function describeUnsent(message, { connected, signedOut, delayCode }) {
  const { refused, final, held } = message;
  if (refused) return { state: "refused", note: `Not sent. ${refused}`, final };
  if (held) return { state: "held", note: "Waiting for approval" };
  if (signedOut) return { state: "waiting", note: "Not sent, kept until you sign in again" };
  if (!connected) return { state: "waiting", note: "Will be sent when you are connected" };
  return { state: "sending", note: DELAYS[delayCode] };
}
