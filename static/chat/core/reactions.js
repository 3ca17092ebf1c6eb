// The reactions to a message, as they are shown.

const MOST_NAMES = 20; // of one kind; the others are counted

const VARIATION = /\ufe0f/g; // asks for the coloured form of an emoji, and makes no other kind of it

/** Whether two emoji, perhaps in different forms, are one kind of reaction. */
export function isSameReaction(one, other) {
  return one.replace(VARIATION, "") === other.replace(VARIATION, "");
}

/** Whether somebody has given a reaction, in whatever form. */
export function hasReacted(reactions, emoji, name) {
  return Object.entries(reactions ?? {}).some(
    ([given, names]) => isSameReaction(given, emoji) && names.includes(name),
  );
}

/**
 * The kinds of reactions in their order: {emoji, count, isMine, who}, where `who` is a list of the
 * people in words.
 */
export function describeReactions(reactions, you) {
  return Object.entries(reactions ?? {}).map(([emoji, names]) => {
    const isMine = names.includes(you);
    const others = names.filter((name) => name !== you);
    const shown = [...others.slice(0, MOST_NAMES), ...(isMine ? ["you"] : [])];
    const rest = others.length - MOST_NAMES;
    if (rest > 0) shown.push(rest === 1 ? "1 other" : `${rest} others`);
    const who = [shown.slice(0, -1).join(", "), shown.at(-1)].filter(Boolean).join(" and ");
    return { emoji, count: names.length, isMine, who };
  });
}
