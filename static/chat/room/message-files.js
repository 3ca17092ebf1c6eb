// The files of a message: images in the size that they will have when they are loaded, and cards.

import { bytesText, shownSize } from "../core/files.js";

/** The items of the list of files. */
export function fileElements(files) {
  return files.map((file) => {
    const item = document.createElement("li");
    item.append(file.url ? linkTo(file) : goneFile(file));
    return item;
  });
}

function linkTo(file) {
  const link = document.createElement("a");
  link.href = file.url;
  if (file.thumbnail) {
    link.className = "picture";
    link.target = "_blank";
    link.rel = "noopener";
    link.dataset.action = "view";
    link.title = file.name;
    link.append(pictureOf(file));
  } else {
    link.className = "file-card";
    link.download = file.name;
    link.append(...cardParts(file));
  }
  return link;
}

function pictureOf(file) {
  const image = document.createElement("img");
  const { width, height } = shownSize(file);
  Object.assign(image, { width, height, loading: "lazy", decoding: "async", alt: file.alt || file.name });
  image.style.aspectRatio = `${width} / ${height}`; // that of the file may differ by half a pixel
  image.src = file.thumbnail;
  return image;
}

function goneFile(file) {
  const card = document.createElement("span");
  card.className = "file-card";
  card.append(...cardParts(file, "deleted"));
  return card;
}

function cardParts({ name, size }, note = bytesText(size)) {
  const title = document.createElement("bdi");
  title.textContent = name;
  const about = document.createElement("span");
  about.className = "file-note";
  about.textContent = note;
  return [title, " ", about];
}
