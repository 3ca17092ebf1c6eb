// The loaded part of the room's log, and the people who are here according to it.

export class LoadedLog {
  lines = []; // without gaps: the line with number n is at index n - first
  last = null; // the number of the newest line; null before the first welcome
  people = [];
  #peopleSeq = 0; // the line up to which `people` is complete
  #reachedStart = false;
  #removed = new Set(); // the numbers of removed messages

  get first() {
    return this.lines.length ? this.lines[0].seq : (this.last ?? 0) + 1;
  }

  get hasOlder() {
    return this.last !== null && !this.#reachedStart && this.first > 1;
  }

  /** Start over with these lines, which end at `seq`. */
  replace(lines, seq) {
    this.lines = [];
    this.last = lines.length ? lines[0].seq - 1 : seq;
    this.#reachedStart = false;
    this.append(lines);
    this.last = Math.max(this.last, seq);
  }

  /**
   * Append the next lines and return those that were added. Lines that are loaded already are
   * skipped. Appending stops before a missing line; then `gap` is true.
   */
  append(lines) {
    const added = [];
    for (const line of lines) {
      if (line.seq > this.last + 1) return { added, gap: true };
      if (line.seq <= this.last) continue;
      this.last = line.seq;
      this.lines.push(line);
      this.#apply(line);
      added.push(line);
    }
    return { added, gap: false };
  }

  /** Insert older lines at the start. An answer that does not join the loaded lines is ignored. */
  prepend(lines, more) {
    const older = lines.filter((line) => line.seq < this.first);
    if (lines.length && older.at(-1)?.seq !== this.first - 1) return false;
    const isRemoved = ({ seq }) => this.#removed.has(seq);
    this.lines.unshift(...older.map((line) => (isRemoved(line) ? withoutText(line) : line)));
    this.#reachedStart = !more || !older.length;
    return true;
  }

  /** Keep only the newest lines, to save memory. The others can be loaded again. */
  keepNewest(count) {
    if (this.lines.length <= count) return;
    this.lines = this.lines.slice(-count);
    this.#reachedStart = false;
  }

  /** Take over the server's list of the people who are here at line `seq`. */
  setPeople(people, seq) {
    this.people = people.map(({ name, guest }) => ({ name, guest }));
    this.#peopleSeq = seq;
    for (const line of this.lines) if (line.seq > seq) this.#updatePeople(line);
  }

  #apply(line) {
    if (line.kind === "removed") this.#remove(line.of);
    if (line.seq > this.#peopleSeq) this.#updatePeople(line);
  }

  #remove(seq) {
    this.#removed.add(seq);
    const line = this.lines[seq - this.first];
    if (line) this.lines[seq - this.first] = withoutText(line);
  }

  #updatePeople({ kind, name, guest, seq, of }) {
    if (kind === "entered") {
      const others = this.people.filter((person) => person.name !== name);
      this.people = [...others, { name, guest, enteredSeq: seq }];
    } else if (kind === "left") {
      // A line `left` names the line `entered` that it ends. It may be that of an earlier visit.
      const isEnded = (person) => person.name === name && (person.enteredSeq ?? of) === of;
      this.people = this.people.filter((person) => !isEnded(person));
    }
  }
}

const withoutText = (line) => ({ ...line, text: "", removed: true });
