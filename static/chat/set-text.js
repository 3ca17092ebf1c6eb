// Text on the page, written only where it differs: screen readers read out what is written, even
// when it says the same as before.

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
