// Pasting into the composer: formatted text becomes markup, and code may become a block.

import { replaceText } from "./undoable.js";

// Most pages mark up what is copied from them in some way. Only what can be written here counts.
const FORMATTED =
  /<(?:b|strong|i|em|s|del|strike|code|pre|blockquote|ul|ol|h[1-6]|a)[\s>]|font-weight: ?(?:bold|[6-9]00)|font-style: ?italic/i;

/** `extras` loads what turns formatted text into markup, and what offers a block of code. */
export function enablePasting(field, extras) {
  field.addEventListener("paste", (event) => {
    const [html, plain] = ["html", "plain"].map((kind) => event.clipboardData.getData(`text/${kind}`));
    if (!plain) return; // such as an image
    if (FORMATTED.test(html)) {
      event.preventDefault();
      void pasteFormatted(html, plain);
    } else if (plain.trim().includes("\n")) {
      const start = field.selectionStart;
      field.addEventListener("input", () => offer(start, plain), { once: true });
    }
  });

  async function pasteFormatted(html, plain) {
    const module = await extras.pasting();
    const text = module?.markupOf(html) ?? plain;
    const start = field.selectionStart;
    replaceText(field, start, field.selectionEnd, text);
    offer(start, text);
  }

  async function offer(start, text) {
    const module = await extras.pasting();
    module?.offerBlock(field, start, text);
  }
}
