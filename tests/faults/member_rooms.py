"""The rooms of one web member besides the lobby, as a page keeps them over its connections."""

import asyncio

from tests.faults.received import HISTORY_PAGE, ReceivedLines
from tests.faults.shown import shown_messages
from tests.faults.timing import FIRST_RETRY_PAUSE

MAX_UNREAD = 100  # a larger count is told as this
# One room in so many stays closed, so that its messages are counted and not sent.
CLOSED_ROOM = 4


class MemberRooms:
    """Opens rooms of the welcome, and keeps their lines and what the member has not read.

    `name` is the member's. `send(**frame)` sends a frame. `acknowledge(line, room)` takes each
    line, and `reconnect` and `complain` are those of `ReceivedLines`.
    """

    def __init__(self, name, send, reconnect, acknowledge, complain):
        self._name = name
        self._lobby = None  # the id of the lobby, of which only the read position is told here
        self._send, self._reconnect = send, reconnect
        self._acknowledge, self._complain = acknowledge, complain
        self.known = {}  # {room id: summary}, as the frames have told
        self.received = {}  # {room id: ReceivedLines} of the rooms that are opened

    # Connecting

    def welcome(self, frame):
        """Take the summaries of a welcome, and open rooms. The first one is the lobby."""
        lobby, *others = frame["rooms"]
        self._lobby = lobby["id"]
        self.known = {summary["id"]: dict(summary) for summary in others}
        # Clients that have named no room are not told of any.
        self._send(type="read", room=self._lobby, seq=frame["seq"])
        for room in self.known:
            if room % CLOSED_ROOM:
                self._open(room)

    def _open(self, room):
        if room not in self.received:
            self.received[room] = ReceivedLines(
                lambda before: self._ask_history(room, before),
                self._reconnect,
                lambda line: self._acknowledge(line, room),
                self._complain,
            )
        last = self.received[room].last
        self._send(type="open", room=room, **({} if last is None else {"after": last}))

    def _ask_history(self, room, before):
        self._send(type="history", room=room, before=before, limit=HISTORY_PAGE)

    def forget_connection(self):
        """Forget what belongs to the connection that has ended."""
        for received in self.received.values():
            received.forget_missing()

    # Receiving

    def receive(self, frame):
        """Apply a frame if it is about one of these rooms, and return whether it is."""
        if frame["type"] == "room":
            self._receive_change(frame["change"], frame["room"])
            return True
        room = frame.get("room")
        if not isinstance(room, int):  # the welcome has the lobby's name
            return False
        if room == self._lobby:
            return frame["type"] == "read"
        needed = self.received if frame["type"] in ("opened", "lines", "history") else self.known
        if room not in needed:
            if frame["type"] == "error":
                return False
            self._complain(f"a frame about room {room}, of {list(self.known)}: {frame['type']}")
            return True
        match frame["type"]:
            case "opened":
                self.received[room].welcome(frame)
                self.known[room] = dict(frame["summary"])
            case "lines":
                self.received[room].extend(frame["lines"])
            case "history":
                self.received[room].fill(frame["lines"])
            case "activity" | "read":
                self._receive_counts(self.known[room], frame)
            case "error" if frame["code"] == "try_again" and frame["client_id"] is None:
                asyncio.get_running_loop().call_later(FIRST_RETRY_PAUSE, self._ask_again, room)
            case _:
                return False
        return True

    def _receive_change(self, change, summary):
        if change == "left":
            self.known.pop(summary["id"], None)
        elif summary["id"] != self._lobby:
            self.known[summary["id"]] = dict(summary)

    def _receive_counts(self, summary, frame):
        summary["unread"], summary["mentions"] = frame["unread"], frame["mentions"]
        if frame["type"] == "read":
            summary["read"] = frame["seq"]
        else:
            summary["last"] = frame["last"]

    def _ask_again(self, room):
        """Ask once more for what the server could not read."""
        received = self.received.get(room)
        if received is not None and not received.is_incomplete:
            self._open(room)
        elif received is not None:
            received.ask_missing_again(self.known[room]["last"])

    # Reading

    def position(self, room):
        """Return (number of the last line read, messages not read) as the page shows them.

        The lines of an open room are counted here. Counts in frames may be newer than the lines
        that have come.
        """
        summary = self.known[room]
        if room not in self.received:
            return summary["read"], summary["unread"]
        unread = [
            seq
            for seq, message in shown_messages(self.received[room]).items()
            if message.name != self._name and seq > summary["read"] and not message.removed
        ]
        return summary["read"], min(len(unread), MAX_UNREAD)

    def read(self, room):
        """Tell the server that the member has read all that it has of an open room."""
        if room in self.received and self.received[room].last:
            self._send(type="read", room=room, seq=self.received[room].last)
