"""Several rooms for a `ScriptedSocket`."""

from tests.support.scripted_log import messages
from tests.support.scripted_socket import ScriptedSocket, a_welcome


def a_summary(room_id, **changes):
    """Return the summary of a room as it stands in a welcome. Room 1 is the lobby."""
    lobby = room_id == 1
    return {
        "id": room_id,
        "slug": "lobby" if lobby else f"room-{room_id}",
        "name": "Lobby" if lobby else f"Room {room_id}",
        "kind": "open",
        "topic": "",
        "last": 0,
        "read": 0,
        "unread": 0,
        "mentions": 0,
        "level": "all",
        "role": "member",
        "archived": False,
        "guests": lobby,
        "favourite": False,
        "people": [],
        "slow": 0,
        "locked": False,
        "by_request": False,
        "asked": False,
        "moderate": [],
        "muted": None,
        **changes,
    }


class ScriptedRooms(ScriptedSocket):
    """The WebSocket of a page whose user is in several rooms.

    `logs` has the lines of rooms by their ids; a room without an entry has two messages.
    """

    def __init__(self, page, summaries, logs=None, people=(), **answers):
        self.logs = logs or {}
        self.people = {}
        welcome = {**a_welcome(people=people), "rooms": [a_summary(1), *summaries]}
        super().__init__(page, welcome, **{"open": self.opened, **answers})

    def lines_of(self, room_id):
        return self.logs.setdefault(room_id, messages(2, name=f"author-{room_id}"))

    def opened(self, frame):
        """Return the answer to a frame `open`."""
        lines = self.lines_of(frame["room"])
        return {
            "type": "opened",
            "room": frame["room"],
            "seq": lines[-1]["seq"] if lines else 0,
            "lines": [line for line in lines if line["seq"] > frame.get("after", 0)],
            "people": self.people.get(frame["room"], []),
            "reset": False,
        }

    def say(self, room_id, line):
        """Add a line to the log of a room, and send it."""
        self.lines_of(room_id).append(line)
        self.send("lines", room=room_id, lines=[line])

    def fields_of(self, frame_type):
        """Return what the page has sent with frames of a type: [(room, further fields)]."""
        frames = self.received_of(frame_type)
        rest = [{k: v for k, v in f.items() if k not in ("type", "room", "count")} for f in frames]
        return [(frame.get("room"), fields) for frame, fields in zip(frames, rest, strict=True)]
