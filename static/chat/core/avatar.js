// A person's avatar: the first letter of the name on one of eight colours.

const COLOURS = 8; // room.css defines them
const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;

export function initialOf(name) {
  const text = name.trim();
  const [first] = segmenter ? [...segmenter.segment(text)].map(({ segment }) => segment) : text;
  return (first ?? "?").toLocaleUpperCase();
}

export function colourOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % COLOURS;
}
