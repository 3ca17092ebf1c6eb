"""Tells a web client what changes in the rooms of its account, beside the lines."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from chat.live.open_rooms import OpenRooms
from chat.live.room_listener import Activity, Reading
from chat.models import HeldMessage
from chat.room.sanction_news import Expulsion
from chat.room.summaries import RoomSummary
from chat.wire import frames, room_frames
from chat.wire.interface import Event


class RoomNotices:
    """The `RoomListener` of a WebSocket.

    A client that has never named a room may not know these frames, so the newest of each room are
    held back until it does. All clients are told the read position in the lobby, and what was
    decided about their messages. Nothing is sent before the welcome.
    """

    __slots__ = ("_held", "_is_aware", "_is_welcomed", "_lobby_id", "_outbox", "_rooms")

    def __init__(self, rooms: OpenRooms, lobby_id: int) -> None:
        self._rooms = rooms
        self._outbox = rooms.make_outbox()
        self._lobby_id = lobby_id
        self._is_welcomed = self._is_aware = False
        self._held: dict[Hashable, Event] = {}

    def welcome(self) -> None:
        """Send frames about the lobby from now on."""
        self._is_welcomed = True
        self._release()

    def become_aware(self) -> None:
        """Send all frames from now on: the client has named a room."""
        if not self._is_aware:
            self._is_aware = True
            self._release()

    def _release(self):
        held, self._held = self._held, {}
        for key, event in held.items():
            self._put(key, event)

    def _put(self, key, event):
        if self._is_welcomed and (self._is_aware or self._is_known_to_all(key)):
            self._outbox.put(key, event)
        else:
            self._held.pop(key, None)
            self._held[key] = event

    def _is_known_to_all(self, key):
        kind, number = key
        return kind == "held" or (kind == "read" and number == self._lobby_id)

    # RoomListener

    def joined(self, summary: RoomSummary) -> None:
        self._put_room(summary.id, room_frames.room("joined", summary.fields()))

    def changed(self, summary: RoomSummary) -> None:
        self._put_room(summary.id, room_frames.room("changed", summary.fields()))

    def left(self, room_id: int, slug: str) -> None:
        self._put_room(room_id, room_frames.room("left", {"id": room_id, "slug": slug}))

    def told(self, about: str) -> None:
        self._put(("told", about), frames.told(about))

    def waiting(self, count: int) -> None:
        """Tell a moderator how many decisions wait for them."""
        self._put(("told", "waiting"), frames.told("waiting", count=count))

    def expelled(self, expulsion: Expulsion) -> None:
        room_id, _, name, until, reason = expulsion
        self._put(("expelled", room_id), frames.expelled(room_id, name, until, reason))

    def _put_room(self, room_id, event):
        self._put(("room", room_id), event)

    def active(self, activity: Activity) -> None:
        if activity.room_id not in self._rooms.followers:
            # For a slow client, an ordinary message does not take the place of a mention.
            kind = "mention" if activity.is_mention else "activity"
            self._put((kind, activity.room_id), _activity_frame(activity))

    def read(self, reading: Reading) -> None:
        self._put(("read", reading.room_id), room_frames.read(*reading))

    def decided(self, held: HeldMessage) -> None:
        room = None if held.room_id == self._lobby_id else held.room_id
        if held.seq is None:
            event = frames.held(held.client_id, room, held.reason)
        else:
            event = frames.said(held.client_id, held.seq, room)
        self._put(("held", held.pk), event)


def waiting_message(held: HeldMessage) -> dict[str, Any]:
    """Return how a client is told of a message of its member that waits for a moderator."""
    fields = {"client_id": held.client_id, "room": held.room_id, "text": held.text, "at": held.at}
    return fields if held.reply is None else fields | {"reply": held.reply}


@lru_cache(maxsize=64)
def _activity_frame(activity: Activity) -> Event:
    """Return the frame, which is the same for all clients with the same counts."""
    line = activity.line
    return room_frames.activity(
        room=activity.room_id,
        last=activity.last,
        unread=activity.unread,
        mentions=activity.mentions,
        line=None if line is None else frames.encode(line),
    )
