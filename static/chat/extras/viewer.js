// Shows the images of the log one at a time, with the keyboard too.

import { openDialog } from "./dialogs.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** Open the viewer at a link of the log. `links()` are all links to images, in their order. */
export function openViewer(link, links) {
  let shown = link;
  const dialog = openDialog("viewer", () => shown.isConnected && shown.focus({ preventScroll: true }));
  const part = (name) => dialog.querySelector(`[data-part=${name}]`);

  function show(wanted) {
    shown = wanted;
    const small = wanted.querySelector("img");
    const all = links();
    const place = all.indexOf(wanted);
    Object.assign(part("image"), { src: wanted.href, alt: small.alt });
    part("name").textContent = wanted.title;
    part("alt").textContent = small.alt === wanted.title ? "" : small.alt;
    part("place").textContent = `${place + 1} of ${all.length}`;
    Object.assign(part("save"), { href: wanted.href, download: wanted.title });
    part("before").disabled = place <= 0;
    part("after").disabled = place === all.length - 1;
  }

  function step(by) {
    const all = links();
    const next = all[all.indexOf(shown) + by];
    if (next) show(next);
  }

  part("before").addEventListener("click", () => step(-1));
  part("after").addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    step(STEPS[event.key]);
  });
  show(link);
}
