// Rules for the commands that the page offers at a message. The server decides about each.

import { isYou } from "../core/people.js";
import { mayDo } from "./moderation-rules.js";

const MINUTE = 60_000; // ms

/**
 * {reply, react, edit, remove, copy, versions, report}: whether each is offered. `room` is the
 * summary of the room, and `editMinutes` the time for which a message can be edited, 0 without a
 * limit.
 */
export function offeredFor(line, { you, room, isStaff, editMinutes, now }) {
  const isThere = line.kind === "said" && line.seq !== undefined && !line.removed;
  const isOpen = isThere && !room?.archived;
  const own = isYou(line, you);
  const mayRemove = own || mayDo(room, "purge") || isStaff;
  const isLate = editMinutes > 0 && now - new Date(line.at) > editMinutes * MINUTE;
  return {
    reply: isOpen,
    react: isOpen,
    edit: isOpen && own && !isLate,
    remove: isOpen && mayRemove,
    copy: isThere,
    versions: isThere && own && Boolean(line.edited),
    report: isThere && !own,
  };
}

/** The newest message of the user among some lines, for editing; undefined if there is none. */
export function lastOwn(lines, you) {
  return lines.findLast((line) => line.kind === "said" && !line.removed && isYou(line, you));
}
