// The members of a room besides the lobby, and the guests who visit it. The server sends all of
// them when the room is opened, and lines of the log say what changes.

export class RoomPeople {
  list = []; // {name, guest, online, role, since}
  #seq = 0; // the line up to which `list` is complete

  replace(people, seq) {
    this.list = people;
    this.#seq = seq;
  }

  apply({ seq, kind, name, guest = false, text, at }) {
    if (seq <= this.#seq) return;
    const isSame = (person) => person.name === name && person.guest === guest;
    if (kind === "joined" && !this.list.some(isSame)) {
      // They have just done something, or else the next list of the server says otherwise.
      const role = guest ? null : "member";
      this.list = [...this.list, { name, guest, online: true, role, since: at }];
    } else if (kind === "parted") {
      this.list = this.list.filter((person) => !isSame(person));
    } else if (kind === "role") {
      this.list = this.list.map((person) => (isSame(person) ? { ...person, role: text } : person));
    }
  }
}
