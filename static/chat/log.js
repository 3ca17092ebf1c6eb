// What has happened in the room, as far as it is loaded: a window on its log, and who is here.

export class Log {
  lines = []; // without gaps: line n is at index n - first
  last = null; // the number of the newest line; null before the first welcome
  people = [];
  #peopleAt = 0; // up to which line `people` is right
  #exhausted = false;
  #removed = new Set();

  get first() {
    return this.lines.length ? this.lines[0].seq : (this.last ?? 0) + 1;
  }

  get more() {
    return this.last !== null && !this.#exhausted && this.first > 1;
  }

  /** Begin anew with these lines, which end at `seq`. */
  replace(lines, seq) {
    this.lines = [];
    this.last = lines.length ? lines[0].seq - 1 : seq;
    this.#exhausted = false;
    this.extend(lines);
    this.last = Math.max(this.last, seq);
  }

  /**
   * Add the next lines. Those that are here already are passed over; where one is missing it
   * stops, and `gap` is true. Returns what was new.
   */
  extend(lines) {
    const fresh = [];
    for (const line of lines) {
      if (line.seq > this.last + 1) return { fresh, gap: true };
      if (line.seq <= this.last) continue;
      this.last = line.seq;
      this.lines.push(line);
      this.#follow(line);
      fresh.push(line);
    }
    return { fresh, gap: false };
  }

  /** Add older lines in front. An answer that does not fit (any more) changes nothing. */
  prepend(lines, more) {
    const older = lines.filter((line) => line.seq < this.first);
    if (lines.length && older.at(-1)?.seq !== this.first - 1) return false;
    const isRemoved = ({ seq }) => this.#removed.has(seq);
    this.lines.unshift(...older.map((line) => (isRemoved(line) ? tombstone(line) : line)));
    this.#exhausted = !more || !older.length;
    return true;
  }

  /** Keep only the newest `count` lines in memory; scrolling up loads the others again. */
  forget(count) {
    if (this.lines.length <= count) return;
    this.lines = this.lines.slice(-count);
    this.#exhausted = false;
  }

  /** Who is here, as the server knew it at line `seq`. */
  meet(people, seq) {
    this.people = people.map(({ name, guest }) => ({ name, guest }));
    this.#peopleAt = seq;
    for (const line of this.lines) if (line.seq > seq) this.#comeOrGo(line);
  }

  #follow(line) {
    if (line.kind === "removed") this.#remove(line.of);
    if (line.seq > this.#peopleAt) this.#comeOrGo(line);
  }

  #remove(seq) {
    this.#removed.add(seq);
    const line = this.lines[seq - this.first];
    if (line) this.lines[seq - this.first] = tombstone(line);
  }

  #comeOrGo({ kind, name, guest, seq, of }) {
    if (kind === "entered") {
      this.people = [...this.people.filter((one) => one.name !== name), { name, guest, stay: seq }];
    } else if (kind === "left") {
      this.people = this.people.filter((one) => one.name !== name || (one.stay ?? of) !== of);
    }
  }
}

const tombstone = (line) => ({ ...line, text: "", removed: true });
