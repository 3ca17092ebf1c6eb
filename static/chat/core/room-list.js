// The rooms of the user: their names, and what is unread in them.

export const COUNT_LIMIT = 100; // the server counts up to here, and the page shows 99+
const SECTIONS = ["open", "private", "direct"];
const { compare } = new Intl.Collator(undefined, { numeric: true });

export class RoomList {
  revision = 0; // changes with everything that the page shows of the list
  #rooms = new Map(); // by id
  #lobbyId = null;

  /** Take over the rooms of a welcome, of which the first is the lobby. */
  replace(summaries) {
    this.#lobbyId = summaries[0]?.id ?? null;
    this.#rooms = new Map(summaries.map((summary) => [summary.id, summary]));
    this.revision += 1;
  }

  /** Take over what is new about a room. Unknown rooms are added if the fields say enough. */
  update(fields) {
    const known = this.#rooms.get(fields.id);
    if (!known && !fields.slug) return;
    this.#rooms.set(fields.id, { ...known, ...fields });
    this.revision += 1;
  }

  remove(id) {
    this.#rooms.delete(id);
    this.revision += 1;
  }

  get lobbyId() {
    return this.#lobbyId;
  }

  get(id) {
    return this.#rooms.get(id ?? this.#lobbyId);
  }

  find(slug) {
    return [...this.#rooms.values()].find((room) => room.slug === slug);
  }

  get all() {
    return [...this.#rooms.values()];
  }

  /**
   * The rooms of the sidebar, as four lists: favourites, then open ones, private, direct. The lobby
   * is first in its list. An open room that the user only visits is listed while it is shown.
   */
  sections(shownId) {
    const isOther = ({ id }) => Number(id !== this.#lobbyId);
    const inOrder = (one, other) =>
      isOther(one) - isOther(other) || compare(titleOf(one), titleOf(other));
    const listed = this.all.filter(({ id, role }) => role || id === shownId).sort(inOrder);
    const favourites = listed.filter(({ favourite }) => favourite);
    const others = listed.filter(({ favourite }) => !favourite);
    const byKind = SECTIONS.map((kind) => others.filter((room) => room.kind === kind));
    return [favourites, ...byKind];
  }

  /** The next room in the order of the sidebar, or the one before (`step` -1), that is wanted. */
  neighbour(shownId, step, isWanted = () => true) {
    const listed = this.sections(shownId).flat();
    const begin = listed.findIndex(({ id }) => id === shownId);
    const others = [...listed.slice(begin + 1), ...listed.slice(0, Math.max(0, begin))];
    return (step > 0 ? others : others.reverse()).find(isWanted);
  }

  /** Count a message that came. `counts` says whether it is unread, and whether it mentions one. */
  countMessage(id, seq, { unread, mention }) {
    const room = this.get(id);
    if (!room || seq <= room.last) return;
    if (!unread) {
      room.last = seq; // nothing that is shown changes
      return;
    }
    const more = (count, one) => Math.min(COUNT_LIMIT, count + Number(one));
    const counts = { unread: more(room.unread, unread), mentions: more(room.mentions, mention) };
    this.update({ id: room.id, last: seq, ...counts });
  }

  /** Count the unread messages that are for the user: mentions, and all messages of direct rooms. */
  get mentions() {
    return Math.min(COUNT_LIMIT, this.all.reduce((sum, room) => sum + mentionsOf(room), 0));
  }

  /** Whether the user moderates something. The people of a direct room moderate nothing there. */
  get moderates() {
    return this.all.some(({ kind, moderate }) => kind !== "direct" && moderate?.length > 0);
  }

  get hasUnread() {
    return this.all.some(isUnread);
  }
}

/** The name that a room is shown by. A direct room is named by the other people in it. */
export function titleOf({ kind, name, people = [], slug }) {
  if (kind === "direct") return people.length ? people.join(", ") : name || "Only you";
  return name || slug;
}

/** The number of unread messages of a room that are for the user. */
export function mentionsOf({ kind, level, mentions = 0, unread = 0 }) {
  if (level === "nothing") return 0;
  return kind === "direct" ? Math.max(mentions, unread) : mentions;
}

/** Whether the name of the room is shown in bold. */
export function isUnread({ level, unread }) {
  return unread > 0 && level !== "nothing";
}

/** A count for the page: 99+ where the server has stopped counting. */
export const countText = (count) => (count >= COUNT_LIMIT ? `${COUNT_LIMIT - 1}+` : String(count));
