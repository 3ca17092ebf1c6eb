// What was written here and is not in the log yet, in order. It survives a reload, and each text
// keeps its client id for ever, so that sending it again is harmless.

export class Outbox {
  #memory;
  #entries;

  constructor(memory) {
    this.#memory = memory;
    const kept = memory.read();
    this.#entries = Array.isArray(kept) ? kept : [];
  }

  get entries() {
    return this.#entries;
  }

  /** The first that is still to be sent. */
  get next() {
    return this.#entries.find((entry) => !entry.refused);
  }

  has(id) {
    return this.#entries.some((entry) => entry.client_id === id);
  }

  add(id, text, at) {
    this.#keep([...this.#entries, { client_id: id, text, at }]);
  }

  /** It is in the log, or its author gave it up. */
  drop(id) {
    if (this.has(id)) this.#keep(this.#entries.filter((entry) => entry.client_id !== id));
  }

  /** The server will not have it; `why` is for its author. */
  refuse(id, why) {
    this.#change(id, { refused: why });
  }

  retry(id) {
    this.#change(id, { refused: undefined });
  }

  #change(id, changes) {
    this.#keep(
      this.#entries.map((entry) => (entry.client_id === id ? { ...entry, ...changes } : entry)),
    );
  }

  #keep(entries) {
    this.#entries = entries;
    this.#memory.write(entries);
  }
}
