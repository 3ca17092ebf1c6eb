// The text that is being written in a room: a message, perhaps as an answer to another one, or the
// new text of a message that is edited. Meanwhile the message that was begun is kept. The draft is
// stored, so that it survives a reload.

export class Draft {
  #stored;
  #text;
  #reply; // {seq, name, text}: the message that is answered, with its first words
  // {seq, name, text, before, words}: a message with its new text, and the text that it has, as it
  // is written and without marks
  #edit;

  constructor(stored) {
    this.#stored = stored;
    const value = stored.read();
    const { text = "", reply = null, edit = null } = value ?? {};
    this.#text = text;
    this.#reply = reply;
    this.#edit = edit;
  }

  /** The text in the field. */
  get text() {
    return this.#edit?.text ?? this.#text;
  }

  set text(text) {
    if (this.#edit) this.#edit = { ...this.#edit, text };
    else this.#text = text;
    this.#store();
  }

  get reply() {
    return this.#edit ? null : this.#reply;
  }

  get edit() {
    return this.#edit;
  }

  startReply({ seq, name, text }) {
    this.#edit = null;
    this.#reply = { seq, name, text };
    this.#store();
  }

  startEdit({ seq, name, text, words = text }) {
    this.#edit = { seq, name, text, before: text, words };
    this.#store();
  }

  /** Stop editing or answering, and return to the message that was begun. */
  leave() {
    if (this.#edit) this.#edit = null;
    else this.#reply = null;
    this.#store();
  }

  /** Empty it, since the message was sent. */
  clear() {
    this.#text = "";
    this.#reply = this.#edit = null;
    this.#store();
  }

  #store() {
    const isEmpty = !this.#text && !this.#reply && !this.#edit;
    this.#stored.write(isEmpty ? null : { text: this.#text, reply: this.#reply, edit: this.#edit });
  }
}
