// Files that are chosen, pasted or dropped for the message that is written. What sends them is
// loaded with the first of them.

const FILES = "Files"; // the type of files among what is dragged
const LOADING = "The files are on their way. The message goes with them.";

export class Attaching {
  #uploader = null; // or its promise
  #load;
  #loading = 0; // times that files wait for the uploader
  #waiting = null; // {then, giveUp} of a message that waits for it as well

  /** `stage` is where files may be dropped. `load()` returns a promise of the uploader, or of null. */
  constructor({ form, stage, load }) {
    this.#load = load;
    const input = form.querySelector("[data-files]");
    const button = form.querySelector("[data-attach]");
    if (!button) return; // the site takes no files
    button.disabled = false;
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      void this.#add([...input.files]);
      input.value = ""; // so that the same file can be chosen again
    });
    form.addEventListener("paste", (event) => {
      const { files, types } = event.clipboardData;
      // Programs of offices copy an image of a text together with it.
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      void this.#add([...files]);
    });
    const mark = (isOver) => stage.toggleAttribute("data-dropping", isOver);
    stage.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes(FILES) || form.hidden) return;
      event.preventDefault();
      mark(true);
    });
    stage.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!stage.contains(relatedTarget)) mark(false);
    });
    stage.addEventListener("drop", (event) => {
      mark(false);
      if (!event.dataTransfer.types.includes(FILES) || form.hidden) return;
      event.preventDefault();
      void this.#add([...event.dataTransfer.files]);
    });
  }

  /** The number of files that go with the message. */
  get count() {
    return this.#loading || (this.#uploader?.count ?? 0);
  }

  /**
   * The reason to wait for files, or "". `then()` is called when the message need not any more, or
   * `giveUp()` when there will be no files.
   */
  wait(then, giveUp) {
    this.#waiting = this.#loading ? { then, giveUp } : null;
    if (this.#loading) return LOADING;
    return this.#uploader?.wait?.(then) ?? "";
  }

  /** The files of the message that is sent now. */
  take() {
    return this.#uploader?.take?.() ?? [];
  }

  /** Take back the files of a message that was not sent. */
  async putBack(files) {
    if (files?.length) await this.#give((uploader) => uploader.putBack(files));
  }

  /** Show the files of another room. */
  switchRoom() {
    this.#waiting = null;
    this.#uploader?.switchRoom?.();
  }

  async #add(files) {
    if (files.length) await this.#give((uploader) => uploader.add(files));
  }

  /** Let the uploader take files. A message that is sent meanwhile waits for it. */
  async #give(take) {
    this.#loading += 1;
    const uploader = await this.#loaded();
    this.#loading -= 1;
    if (uploader) take(uploader);
    if (uploader && this.#loading) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (uploader) waiting?.then();
    else waiting?.giveUp();
  }

  async #loaded() {
    this.#uploader ??= this.#load();
    this.#uploader = await this.#uploader;
    return this.#uploader;
  }
}
