// The parts that the commands with a slash share.

const NAME = /^@?(?:"([^"]+)"|(\S+))\s*/u;

export const USAGE = Symbol("the arguments are missing");
export const NOT_LOADED = "The room has not been loaded yet. Try again when the page is connected.";

/** The name at the beginning of a text, which may be quoted, and what follows: {name, rest}. */
export function nameIn(text) {
  const found = NAME.exec(text);
  if (!found) return { name: "", rest: text };
  return { name: found[1] ?? found[2], rest: text.slice(found[0].length) };
}
