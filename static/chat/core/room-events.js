// Sentences about what was done to a room or to its members.

const ROLES = { member: "a member", moderator: "a moderator", owner: "an owner" };

const ACCESS = { private: "private", open: "open", guests: "open, also for guests" };

const RULES = {
  not_slow: " ended slow mode",
  locked: " locked the room: only moderators may speak",
  unlocked: " unlocked the room",
  by_request: " lets moderators decide who may join",
  not_by_request: " lets people join without asking",
};
const SLOW = /^slow (\d+)$/;

const SENTENCES = {
  created: (who) => [who, " created this room"],
  joined: (who, by) => (by ? [{ name: by }, " invited ", who] : [who, " joined"]),
  parted: (who, by) => (by ? [{ name: by }, " removed ", who] : [who, " left"]),
  role: (who, role) => [who, ` is now ${ROLES[role] ?? role}`],
  topic: (who, topic) => [who, ...(topic ? [" set the topic: ", { name: topic }] : [" removed the topic"])],
  renamed: (who, name) => [who, " named the room ", { name }],
  access: (who, access) => [who, ` made this room ${ACCESS[access] ?? access}`],
  rules: (who, rule) => [who, ruleText(rule)],
  archived: (who) => [who, " archived this room"],
  reopened: (who) => [who, " opened this room again"],
};

function ruleText(rule) {
  const [, seconds] = SLOW.exec(rule) ?? [];
  if (seconds) return ` set slow mode: one message in ${seconds === "1" ? "a second" : `${seconds} seconds`}`;
  return RULES[rule] ?? " changed the rules of the room";
}

/**
 * The sentence for a line, as a list of strings and of texts that people chose ({name});
 * undefined for kinds that the page does not know.
 */
export function eventPieces({ kind, name, text }) {
  return Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind]({ name }, text) : undefined;
}
