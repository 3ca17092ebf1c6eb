// The messages that were written here and are not in the log yet, in order. They survive a reload.
// A message keeps its client id, by which the server recognises a repetition.

export class Outbox {
  #stored;
  #messages;

  constructor(stored) {
    this.#stored = stored;
    const messages = stored.read();
    this.#messages = Array.isArray(messages) ? messages : [];
  }

  get messages() {
    return this.#messages;
  }

  /** The first message that was not refused, and does not wait for a moderator. */
  get next() {
    return this.#messages.find(({ refused, held }) => !refused && !held);
  }

  get(id) {
    return this.#messages.find((message) => message.client_id === id);
  }

  has(id) {
    return this.get(id) !== undefined;
  }

  /** The messages that were written in a room; `room` is its id, or null for the lobby. */
  of(room) {
    return this.#messages.filter((message) => (message.room ?? null) === room);
  }

  /**
   * `files` go with the message. `reply` is the number of the message that it answers, and `quote`
   * {name, text}: its author and first words.
   */
  add(id, text, at, room = null, { files = [], reply, quote } = {}) {
    const more = { ...(files.length && { files }), ...(reply && { reply, quote }) };
    this.#store([...this.#messages, { client_id: id, room, text, at, ...more }]);
  }

  /** Remove a message, because it is in the log or because its author discarded it. */
  drop(id) {
    if (this.has(id)) this.#store(this.#messages.filter((message) => message.client_id !== id));
  }

  /** Keep a message that was refused; `why` is shown to its author. `final`: for good. */
  refuse(id, why, { final } = {}) {
    this.#change(id, { refused: why, held: undefined, final });
  }

  /** Keep a message that waits for a moderator. */
  hold(id) {
    this.#change(id, { held: true });
  }

  /**
   * Take over the messages that wait for a moderator, {client_id, room, text, at, reply?}, as the
   * server knows them. About others that have waited something was decided: they are sent again, and
   * the answer tells what.
   */
  takeHeld(waiting) {
    if (!waiting.length && !this.#messages.some(({ held }) => held)) return;
    const ids = new Set(waiting.map(({ client_id: id }) => id));
    const known = this.#messages.map((message) => ({
      ...message,
      held: ids.has(message.client_id) || undefined,
    }));
    const others = waiting.filter(({ client_id: id }) => !this.has(id));
    this.#store([...known, ...others.map((message) => ({ ...message, held: true }))]);
  }

  retry(id) {
    this.#change(id, { refused: undefined });
  }

  #change(id, changes) {
    this.#store(
      this.#messages.map((message) =>
        message.client_id === id ? { ...message, ...changes } : message,
      ),
    );
  }

  #store(messages) {
    this.#messages = messages;
    this.#stored.write(messages);
  }
}

/** The client id of a new message: a random UUID (RFC 9562, version 4). */
export function newClientId(crypto = globalThis.crypto) {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Browsers have no `randomUUID` where the page came over plain HTTP, as in a home network.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
