// The files that go with the message that is written in a room. They are sent a few at a time.

const AT_ONCE = 2;
const MOST = 10; // of one message, as chat/wire/client_frames.py says

export class Attachments {
  items = []; // {key, file, state, progress, problem, sent}
  #send;
  #onChange;
  #mostBytes;
  #nextKey = 1;

  /**
   * `send(file, onProgress)` returns {done, cancel}; `done` is a promise of what the server knows
   * of the file, and is rejected with an error whose message is shown. The states of an item are
   * waiting, sending, done and failed.
   */
  constructor({ send, mostBytes, onChange }) {
    this.#send = send;
    this.#mostBytes = mostBytes;
    this.#onChange = onChange;
  }

  /** Add files. Returns why some were left out, or "". */
  add(files) {
    const room = MOST - this.items.length;
    const added = [...files].slice(0, room).map((file) => this.#itemFor(file));
    this.items = [...this.items, ...added];
    this.#sendNext();
    return files.length > room ? `A message has at most ${MOST} files.` : "";
  }

  /** Take back files of a message that was not sent. */
  putBack(sent) {
    const items = sent.map((one) => ({ key: this.#nextKey++, file: one, state: "done", sent: one }));
    this.items = [...this.items, ...items];
    this.#onChange();
  }

  remove(key) {
    const item = this.#find(key);
    if (!item) return;
    item.cancel?.();
    this.items = this.items.filter((one) => one !== item);
    this.#sendNext();
  }

  retry(key) {
    const item = this.#find(key);
    if (item?.state !== "failed" || !item.canRetry) return;
    Object.assign(item, { state: "waiting", problem: "" });
    this.#sendNext();
  }

  /** Whether some files are still on their way. */
  get isPending() {
    return this.items.some(({ state }) => state === "waiting" || state === "sending");
  }

  get hasFailed() {
    return this.items.some(({ state }) => state === "failed");
  }

  /** Return what the server knows of the files, and begin anew. */
  take() {
    const sent = this.items.filter(({ state }) => state === "done").map((item) => item.sent);
    this.items = [];
    this.#onChange();
    return sent;
  }

  #find(key) {
    return this.items.find((item) => item.key === key);
  }

  #itemFor(file) {
    const item = { key: this.#nextKey++, file, state: "waiting", progress: 0, problem: "", canRetry: true };
    const problem = this.#problemOf(file);
    return problem ? { ...item, state: "failed", problem, canRetry: false } : item;
  }

  #problemOf({ size }) {
    if (!size) return "This file is empty.";
    return size > this.#mostBytes ? `This is too large (${this.#mostBytes >> 20} MB at most).` : "";
  }

  #sendNext() {
    const sending = this.items.filter(({ state }) => state === "sending").length;
    const waiting = this.items.filter(({ state }) => state === "waiting");
    for (const item of waiting.slice(0, Math.max(0, AT_ONCE - sending))) void this.#sendItem(item);
    this.#onChange();
  }

  async #sendItem(item) {
    Object.assign(item, { state: "sending", progress: 0 });
    const { done, cancel } = this.#send(item.file, (progress) => {
      item.progress = progress;
      this.#onChange();
    });
    item.cancel = cancel;
    try {
      item.sent = await done;
      item.state = "done";
    } catch (error) {
      Object.assign(item, { state: "failed", problem: error.message, canRetry: error.canRetry !== false });
    }
    item.cancel = null;
    this.#sendNext();
  }
}
