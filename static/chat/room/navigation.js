// The address of the room that is shown: /r/SLUG/. Showing another room adds an entry to the
// browser's history, and loads no page.

const ROOM_PATH = /^\/r\/([^/]+)\/(?:(\d{1,15})\/)?$/;

/** The address of a room, or of a message in it. */
export const pathOf = (slug, seq) => `/r/${slug}/${seq ? `${seq}/` : ""}`;

/** The room, and the message, at an address of this site: {slug, seq}; null for other addresses. */
export function placeAt({ origin, pathname }) {
  const [, slug, seq] = (origin === location.origin && ROOM_PATH.exec(pathname)) || [];
  return slug ? { slug, seq: seq ? Number(seq) : null } : null;
}

/** The address of the room that is shown, also while the server has told nothing about it. */
export const shownPath = () => /^\/r\/[^/]+\//.exec(location.pathname)[0];

/** The page that searches for what was typed, or that is prepared to search in a room. */
export const searchPath = (text) => `/search/?${new URLSearchParams({ q: text })}`;
export const searchPathIn = (slug) => `/search/?${new URLSearchParams({ in: slug })}`;

export class Navigation {
  #first;
  #shown; // the slug of the room
  #ids = new Map(); // of the rooms that were shown, by slug

  /** `first` is the room of the page, and `onShow(id)` shows where Back and Forward lead to. */
  constructor({ first, rooms, onShow }) {
    this.#first = first.slug;
    this.#note(first);
    addEventListener("popstate", () => {
      const slug = placeAt(location)?.slug ?? this.#first;
      if (slug === this.#shown) return;
      const id = rooms.find(slug)?.id ?? this.#ids.get(slug);
      if (id === undefined) {
        location.reload();
        return;
      }
      this.#note({ id, slug });
      onShow(id);
    });
  }

  /** Give the page the address of another room. An open drawer gives its entry to the room. */
  go(room) {
    if (room.slug === this.#shown) return;
    if (history.state?.drawer) this.replace(room);
    else history.pushState(null, "", pathOf(room.slug));
    this.#note(room);
  }

  /** Give the page the address of its room, because the reader does not look at a message of it. */
  leavePlace() {
    if (placeAt(location)?.seq) history.replaceState(history.state, "", pathOf(this.#shown));
  }

  /** Give the present entry the address of another room, because this one cannot be shown. */
  replace(room) {
    history.replaceState(null, "", pathOf(room.slug));
    this.#note(room);
  }

  #note({ id, slug }) {
    this.#shown = slug;
    this.#ids.set(slug, id);
  }
}
