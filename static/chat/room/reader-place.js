// The place of a reader in a scrolling list, by which it is found again when the list has changed.

const PLACE_MESSAGES = 20; // the messages by which the place is found again

/** The messages of a list that can be seen: {message, box}. */
export function visibleMessages(scroller, list) {
  const { top } = boxOf(scroller);
  const bottom = top + scroller.clientHeight;
  return [...list.querySelectorAll("[data-id]")]
    .map((message) => ({ message, box: boxOf(message) }))
    .filter(({ box }) => box.bottom > top && box.top < bottom);
}

/** The positions of visible messages, those next to a height first. Other items come and go. */
export function placeAround(scroller, list, height) {
  const distance = (box) => Math.max(box.top - height, height - box.bottom, 0);
  const visible = visibleMessages(scroller, list)
    .sort((one, other) => distance(one.box) - distance(other.box))
    .slice(0, PLACE_MESSAGES);
  return {
    tops: visible.map(({ message, box }) => [message, box.top]),
    position: scroller.scrollTop,
    fromEnd: scroller.scrollHeight - scroller.scrollTop,
  };
}

/** Scroll back to a place. */
export function restorePlace(scroller, { tops, fromEnd }) {
  const [message, top] = tops.find(([one]) => one.isConnected) ?? [];
  const moved = message
    ? boxOf(message).top - top
    : scroller.scrollHeight - fromEnd - scroller.scrollTop;
  if (moved) scroller.scrollTop += moved;
}

export const boxOf = (element) => element.getBoundingClientRect();
