// Children in a given order. Those in their place are not touched: they keep the focus, the reader's
// selection, and are not read out anew.

export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node !== next && next?.nextElementSibling === node) {
      next.remove(); // it comes later, and those behind it stay
      next = node;
    }
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
}
