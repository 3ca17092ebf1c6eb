// Words about the files of messages, and the sizes at which the page shows images.

const SHOWN = { width: 320, height: 240 }; // CSS pixels of an image in the log, at most
const SMALLEST = 32; // of one side, so that a thin image can be pressed

/** The size in which an image is shown, before it is loaded: {width, height}. */
export function shownSize({ width, height }) {
  const scale = Math.min(1, SHOWN.width / width, SHOWN.height / height);
  const side = (length) => Math.max(SMALLEST, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** A number of bytes as people read it. */
export function bytesText(bytes) {
  if (bytes === 1) return "1 byte";
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The text of a message, or the names of its files. */
export function summaryOf({ text, files = [] }) {
  return text || files.map(({ name }) => name).join(", ");
}
