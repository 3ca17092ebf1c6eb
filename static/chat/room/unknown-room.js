// The rooms that the page does not know, because the user is not in them. The server has a page of
// each room that the user may read.

import { pathOf } from "./navigation.js";

/**
 * A summary of the room with this address, as far as its page tells one: {id, slug, kind, name, role}.
 * It is null if the user may not read such a room, and undefined if the server could not be asked.
 * Where the server has another page for the user, such as that for signing in, it is {elsewhere}.
 */
export async function findRoom(slug) {
  try {
    const answer = await fetch(pathOf(encodeURIComponent(slug)));
    if (answer.redirected || answer.status === 403) return { elsewhere: answer.url };
    if (!answer.ok) return answer.status === 404 ? null : undefined;
    const other = new DOMParser().parseFromString(await answer.text(), "text/html");
    const { roomId, roomSlug, roomKind: kind } = other.querySelector("[data-room]")?.dataset ?? {};
    if (roomSlug !== slug) return null;
    const name = other.querySelector("[data-title]").textContent;
    return { id: Number(roomId), slug, kind, name, role: null };
  } catch {
    return undefined;
  }
}
