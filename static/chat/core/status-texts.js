// The texts for the state of the connection and of messages that are not sent yet.

const KEPT = "What you write is kept and will be sent when you are connected again.";
const DELAYS = {
  try_again: "Not saved yet, trying again",
  too_fast: "Slowed down, will be sent soon",
};
const REFUSALS = {
  too_long: "A message can have at most 4000 characters and 100 lines.",
  empty: "This message has no visible text.",
};

/**
 * {tone, label, seconds?, banner?, action?}: `tone` is good, trying, bad or ended; `seconds` is
 * the time until the next attempt; `action` is the button that the banner offers.
 */
export function describeConnection(state, { online, now }) {
  switch (state.name) {
    case "connected":
      return { tone: "good", label: "Connected" };
    case "waiting":
      return describeWaiting(state, online, Math.max(1, Math.ceil((state.until - now) / 1000)));
    case "left":
      return ended("Left", "You have left", "rejoin");
    case "signed_out":
      return ended("Signed out", "You are signed out", "sign-in");
    case "removed":
      return ended("Removed", "You were removed from the room", "rejoin");
    default:
      // An attempt has the texts of the pause before it: screen readers announce every change.
      if (state.reason) return describeWaiting(state, online);
      return { tone: "trying", label: "Connecting…" };
  }
}

function describeWaiting({ reason }, online, seconds) {
  if (!online) return { tone: "bad", label: "Offline", banner: `You are offline. ${KEPT}` };
  if (reason === "too_many") {
    const banner = `Too many people are connected at the moment. ${KEPT}`;
    return { tone: "bad", label: "Full, trying again", seconds, banner, action: "retry" };
  }
  return { tone: "trying", label: "Reconnecting", seconds };
}

function ended(label, banner, action) {
  return { tone: "ended", label, banner, action };
}

/** Why the server refused a message, for its author. */
export function refusalText(code, serverText) {
  return REFUSALS[code] ?? serverText;
}

/** {state, note?} of a message in the outbox; `delayCode` is set where the server delays it. */
export function describeUnsent(message, { connected, delayCode }) {
  if (message.refused) return { state: "refused", note: `Not sent. ${message.refused}` };
  if (!connected) return { state: "waiting", note: "Will be sent when you are connected" };
  return { state: "sending", note: DELAYS[delayCode] };
}
