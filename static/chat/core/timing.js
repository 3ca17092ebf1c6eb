// The times that the page waits, in milliseconds. The members in tests/faults wait as long as the
// page does, and tests/js/test_timing.py compares the two.

export const WELCOME_TIMEOUT = 15_000; // doubles with each failure, because a network may be slow
export const LONGEST_WELCOME_TIMEOUT = 120_000;
export const ANSWER_TIMEOUT = 10_000;
export const STALE_ATTEMPT = 2_000; // an older attempt to connect does not survive a new network
export const CLOSE_TIMEOUT = 3_000; // after either side has said goodbye
export const PING_AFTER = 30_000; // of silence
export const STEADY_AFTER = 5_000; // a connection that lasted this long was no failure

export const FIRST_RECONNECT_PAUSE = 500; // doubles with each failure
export const LONGEST_RECONNECT_PAUSE = 30_000;
export const FULL_SERVER_PAUSE = 30_000;

export const FIRST_RETRY_PAUSE = 1_000; // before a request is repeated; doubles with each failure
export const LONGEST_RETRY_PAUSE = 15_000;
export const HELD_MARGIN = 500; // after the time for which the server holds a message

/** The pause after so many failures, spread at random so that clients do not return together. */
export function backOff(failures, first, longest, random) {
  return Math.min(longest, first * 2 ** failures) * (0.5 + random() / 2);
}
