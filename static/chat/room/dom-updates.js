// Ways to update the page. Equal content is left alone, because a screen reader announces whatever
// is written, and because an element that is moved loses the focus and the selection.

const WITHOUT_FRAMES = 250; // ms; a hidden page has no frames, so a timer updates it

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Make `children` the children of `parent`, in this order. */
export function setChildren(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child !== next && next?.nextElementSibling === child) {
      next.remove(); // it is inserted again further down, so that those after it are not moved
      next = child;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** Wrap `update` so that many requests make one call: in the next frame, or at once by `now`. */
export function oncePerFrame(update) {
  let frame = null;
  let timer = null;

  function now() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = null;
    update();
  }

  function request() {
    frame ??= requestAnimationFrame(now);
    timer ??= setTimeout(now, WITHOUT_FRAMES);
  }

  return { now, request };
}
