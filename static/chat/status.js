// What the state of the connection is called, and what can be done about it.

const KEPT = "What you write is kept and sent when you are back.";

const REMOVED = { banner: "You were removed from the room", action: "rejoin" };

/** {tone, label, seconds?, banner?, action?}: tone is good, busy, bad or over. */
export function describe(state, { online, now }) {
  switch (state.name) {
    case "connected":
      return { tone: "good", label: "Connected" };
    case "waiting":
      return describeWaiting(state, online, Math.max(1, Math.ceil((state.until - now) / 1000)));
    case "left":
      return { tone: "over", label: "Left", banner: "You have left", action: "rejoin" };
    case "signed_out":
      return { tone: "over", label: "Signed out", banner: "You are signed out", action: "sign-in" };
    case "removed":
      return { ...REMOVED, tone: "over", label: "Removed" };
    default:
      // The next try looks like the wait before it: what blinks is read out each time.
      if (state.why) return describeWaiting(state, online);
      return { tone: "busy", label: "Connecting…" };
  }
}

function describeWaiting({ why }, online, seconds) {
  if (!online) return { tone: "bad", label: "Offline", banner: `You are offline. ${KEPT}` };
  if (why === "too_many") {
    const banner = `Too many people are connected at the moment. ${KEPT}`;
    return { tone: "bad", label: "Full, trying again", seconds, banner, action: "retry" };
  }
  return { tone: "busy", label: "Reconnecting", seconds };
}
