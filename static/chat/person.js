// How a person looks who has no picture: an initial, and one of eight tints.

const TINTS = 8;
const segments = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;

export function initialOf(name) {
  const text = name.trim();
  const [first] = segments ? [...segments.segment(text)].map(({ segment }) => segment) : [...text];
  return (first ?? "?").toLocaleUpperCase();
}

export function tintOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % TINTS;
}
