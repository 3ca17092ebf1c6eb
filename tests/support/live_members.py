"""Web members of a `ServerProcess` in the test's own event loop, without sockets."""

import asyncio
import json

from chat.models import Connection
from chat.wire import commands, frames
from tests.support.live import PATIENCE


class Notes:
    """A `RoomListener` that notes what it is told, as (what, room, more)."""

    def __init__(self):
        self.heard = []

    def joined(self, summary):
        self.heard.append(("joined", summary.id, summary.name))

    def changed(self, summary):
        self.heard.append(("changed", summary.id, summary.topic))

    def left(self, room_id, slug):
        self.heard.append(("left", room_id, slug))

    def active(self, activity):
        counts = activity.unread, activity.mentions, activity.line and activity.line.text
        self.heard.append(("active", activity.room_id, counts))

    def told(self, about):
        self.heard.append(("told", None, about))

    def expelled(self, expulsion):
        self.heard.append(("expelled", expulsion.room_id, expulsion.reason))

    def read(self, reading):
        self.heard.append(("read", reading.room_id, (reading.seq, reading.unread)))

    def decided(self, held):
        self.heard.append(("decided", held.room_id, (held.decision, held.reason)))

    def take(self):
        """Return what was noted since the last call."""
        heard, self.heard = self.heard, []
        return heard


class LiveMember:
    """A member and what its client has heard. `hesitate` makes the client take nothing.

    `notes` has what it is told of its rooms beside their lines.
    """

    def __init__(self):
        self.frames = []
        self.notes = Notes()
        self.closed = []  # reasons
        self._waits = None

    async def enter(self, server, user):
        """Enter the lobby, and follow it."""
        self.member = await server.members.enter(
            user.username,
            user_id=user.pk,
            door=Connection.Door.WEB,
            wire=frames,
            send=self.send,
            write=self.write,
            close=self.closed.append,
        )
        self.member.rooms.listener = self.notes
        self.rooms = await server.watch.welcome(self.member)
        self.member.follow(self.member.follower.cursor)
        return self

    async def send(self, event):
        self.frames.append(json.loads(event["text"]))
        if self._waits is not None:
            await self._waits

    def write(self, events):
        if self._waits is not None:
            return events
        self.frames += [json.loads(event["text"]) for event in events]
        return ()

    def hesitate(self):
        self._waits = asyncio.get_running_loop().create_future()

    def take_again(self):
        waits, self._waits = self._waits, None
        waits.set_result(None)

    async def open(self, room, after=None):
        """Open a room, and return the numbers of the lines that come at once."""
        opened = await self.member.rooms.open(room.pk, after, count_messages=False)
        self.member.rooms.begin(opened.follower)
        return [json.loads(line)["seq"] for line in opened.opening.lines]

    async def say(self, room, text, client_id=None):
        return await self.member.say(commands.Say(text, client_id, room=room.pk))

    def texts(self, room):
        """Return the texts of the lines of a room that came after it was opened."""
        return [line["text"] for line in self.lines(room) if line["kind"] == "said"]

    def lines(self, room):
        named = [frame for frame in self.frames if frame.get("room") == room.pk]
        return [line for frame in named if frame["type"] == "lines" for line in frame["lines"]]

    async def until_told(self, what, room):
        """Wait until the member is told something about a room, and return the rest of it."""
        async with asyncio.timeout(PATIENCE):
            while not (
                found := [more for kind, pk, more in self.notes.heard if (kind, pk) == (what, room)]
            ):
                await asyncio.sleep(0.01)  # until the next look at what was told
        return found[-1]

    async def until_heard(self, room, text):
        async with asyncio.timeout(PATIENCE):
            while text not in self.texts(room):
                await asyncio.sleep(0.01)  # until the next look at what was heard
