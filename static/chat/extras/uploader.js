// Sends the files of the message that is written, and shows how far they are.

import { Attachments } from "../core/attachments.js";
import { bytesText } from "../core/files.js";
import { setChildren, setText } from "../room/dom-updates.js";

const AWAY = "The connection was lost.";
// Refusals of the server itself, before the site has looked at the file.
const REFUSALS = { 403: "You are not signed in any more.", 413: "This file is too large." };
const REFUSED = "The server could not take this now.";
const SENDING = "The files are on their way. The message goes with them.";
const FAILED = "Some files were not sent. Try again, or remove them.";

export class Uploader {
  #tray;
  #template;
  #mostBytes;
  #token;
  #room;
  #flash;
  #waiting = null; // called when the files of the shown room need not be waited for any more
  #attachments = new Map(); // by the address of the room
  #shown;
  #rows = new WeakMap(); // the element of each item
  #describing = 0; // descriptions that are being saved

  /**
   * `tray` is the list above the text; `token` the one of the page's forms; `room()` the address of
   * the room that is shown.
   */
  constructor({ tray, mostBytes, token, room, flash }) {
    this.#tray = tray;
    this.#template = document.querySelector("template[data-dialog=attachment]").content.firstElementChild;
    this.#mostBytes = mostBytes;
    this.#token = token;
    this.#room = room;
    this.#flash = flash;
    this.switchRoom();
    addEventListener("beforeunload", (event) => {
      const all = [...this.#attachments.values()];
      if (all.some(({ items }) => items.length)) event.preventDefault();
    });
  }

  get count() {
    return this.#shown.items.length;
  }

  add(files) {
    const problem = this.#shown.add(files);
    if (problem) this.#flash(problem);
  }

  putBack(files) {
    this.#shown.putBack(files);
  }

  wait(then) {
    this.#waiting = this.#isPending ? then : null;
    if (this.#isPending) return SENDING;
    return this.#shown.hasFailed ? FAILED : "";
  }

  take() {
    return this.#shown.take();
  }

  switchRoom() {
    const room = this.#room();
    this.#waiting = null;
    if (!this.#attachments.has(room)) this.#attachments.set(room, this.#attachmentsOf(room));
    this.#shown = this.#attachments.get(room);
    this.#show();
  }

  get #isPending() {
    return this.#shown.isPending || this.#describing > 0;
  }

  #attachmentsOf(room) {
    const attachments = new Attachments({
      send: (file, onProgress) => sendFile(file, { room, token: this.#token, onProgress }),
      mostBytes: this.#mostBytes,
      onChange: () => attachments === this.#shown && this.#show(),
    });
    return attachments;
  }

  #show() {
    const { items } = this.#shown;
    this.#tray.hidden = items.length === 0;
    setChildren(this.#tray, items.map((item) => this.#rowFor(item)));
    if (!this.#waiting || this.#isPending) return;
    const then = this.#waiting;
    this.#waiting = null;
    then();
  }

  #rowFor(item) {
    if (!this.#rows.has(item)) this.#rows.set(item, this.#newRow(item));
    const row = this.#rows.get(item);
    const part = (name) => row.querySelector(`[data-part=${name}]`);
    row.dataset.state = item.state;
    part("progress").hidden = item.state !== "sending";
    part("progress").value = item.progress;
    setText(part("note"), item.problem || bytesText(item.file.size));
    part("retry").hidden = item.state !== "failed" || !item.canRetry;
    const isImage = item.state === "done" && Boolean(item.sent.thumbnail);
    part("alt").hidden = !isImage;
    if (isImage && !part("picture").src) part("picture").src = item.sent.thumbnail;
    part("picture").hidden = !isImage;
    return row;
  }

  #newRow(item) {
    const row = this.#template.cloneNode(true);
    const part = (name) => row.querySelector(`[data-part=${name}]`);
    const { name } = item.file;
    setText(part("name"), name);
    part("progress").setAttribute("aria-label", `Sending ${name}`);
    part("remove").setAttribute("aria-label", `Remove ${name}`);
    part("retry").setAttribute("aria-label", `Try again: ${name}`);
    part("alt").setAttribute("aria-label", `Description of ${name}`);
    part("alt").value = item.sent?.alt ?? "";
    part("remove").addEventListener("click", () => {
      const { sent } = item;
      this.#shown.remove(item.key);
      if (sent) void this.#tell(sent.id, { action: "discard" });
      document.querySelector("[data-composer] textarea").focus(); // the button has disappeared
    });
    part("retry").addEventListener("click", () => this.#shown.retry(item.key));
    part("alt").addEventListener("change", ({ target }) => this.#describe(item, target.value));
    return row;
  }

  async #describe(item, alt) {
    this.#describing += 1;
    const told = await this.#tell(item.sent.id, { alt });
    this.#describing -= 1;
    if (told) item.sent = { ...item.sent, ...told };
    else this.#flash("The description could not be saved. Change it to try again.");
    this.#show();
  }

  async #tell(id, fields) {
    try {
      const answer = await fetch(`/files/${id}/`, {
        method: "POST",
        headers: { "X-CSRFToken": this.#token },
        body: new URLSearchParams(fields),
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}

/** Send a file: {done, cancel}. Only XMLHttpRequest tells how much was sent. */
function sendFile(file, { room, token, onProgress }) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => {
      const { response: answer, status } = request;
      if (status === 201) resolve(answer);
      else reject(refusal(answer?.text ?? REFUSALS[status] ?? REFUSED, status));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error(AWAY));
  });
  request.open("POST", `${room}files/`);
  request.responseType = "json";
  request.setRequestHeader("X-CSRFToken", token);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
  request.send(file);
  return { done, cancel: () => request.abort() };
}

function refusal(text, status) {
  return Object.assign(new Error(text), { canRetry: isPassing(status) });
}

/** Whether the same request may succeed later. */
const isPassing = (status) => status === 408 || status === 429 || status >= 500;
