// Sentences about what was done to a room or to its members.

const ROLES = { member: "a member", moderator: "a moderator", owner: "an owner" };

const ACCESS = { private: "private", open: "open", guests: "open, also for guests" };

const SENTENCES = {
  created: (who) => [who, " created this room"],
  joined: (who, by) => (by ? [{ name: by }, " invited ", who] : [who, " joined"]),
  parted: (who, by) => (by ? [{ name: by }, " removed ", who] : [who, " left"]),
  role: (who, role) => [who, ` is now ${ROLES[role] ?? role}`],
  topic: (who, topic) => [who, ...(topic ? [" set the topic: ", { name: topic }] : [" removed the topic"])],
  renamed: (who, name) => [who, " named the room ", { name }],
  access: (who, access) => [who, ` made this room ${ACCESS[access] ?? access}`],
  archived: (who) => [who, " archived this room"],
  reopened: (who) => [who, " opened this room again"],
};

/**
 * The sentence for a line, as a list of strings and of texts that people chose ({name});
 * undefined for kinds that the page does not know.
 */
export function eventPieces({ kind, name, text }) {
  return Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind]({ name }, text) : undefined;
}
