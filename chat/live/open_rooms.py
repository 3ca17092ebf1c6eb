"""The rooms besides the lobby that one connection follows."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from chat.live import timing
from chat.live.database import Database
from chat.live.follower import Follower
from chat.live.history import HistoryReader, Opening
from chat.live.outbox import Outbox
from chat.live.outlet import Outlet
from chat.live.room_follower import RoomFollower, RoomReader
from chat.live.room_listener import RoomListener
from chat.live.room_people import RoomPeople
from chat.live.rooms import Rooms
from chat.room.refusal import RefusalCode, Refused
from chat.room.summaries import RoomSummary
from chat.wire.interface import Wire

MAX_OPEN = 20  # rooms of a connection that opens rooms itself; the oldest is closed then


class OpenedRoom(NamedTuple):
    """A room that was opened: its state for the client, and the follower that is to begin."""

    follower: RoomFollower
    summary: RoomSummary
    opening: Opening
    people: RoomPeople


class OpenRooms:
    """Follows the rooms that a connection has open, in the order in which they were opened.

    `lobby` is the connection's follower of the lobby, and `outlet` leads to its client.
    `make_wire(summary)` returns the wire for another room.
    """

    __slots__ = (
        "_adapt_wire",
        "_database",
        "_lobby",
        "_make_wire",
        "_outbox",
        "_outlet",
        "_rooms",
        "blocked",
        "followers",
        "listener",
        "reader",
    )

    def __init__(
        self,
        reader: RoomReader,
        lobby: Follower,
        outlet: Outlet,
        *,
        rooms: Rooms,
        database: Database,
        make_wire: Callable[[RoomSummary], Wire],
    ) -> None:
        self.reader = reader
        self.listener: RoomListener | None = None  # tells the client what changes in rooms
        self.followers: dict[int, RoomFollower] = {}
        self.blocked: RoomFollower | None = None  # the last that had to wait
        self._outbox: Outbox | None = None
        self._lobby = lobby
        self._rooms = rooms
        self._database = database
        self._make_wire = make_wire
        self._adapt_wire: Callable[[Wire], Wire] | None = None
        self._outlet = outlet
        outlet.on_unblocked = self.step_all

    # Opening and closing

    async def prepare(self, room_id: int) -> tuple[RoomFollower, RoomSummary]:
        """Return a follower at the end of a room that this person may read. It does not begin yet.

        Raises `Refused` and `Unavailable`.
        """
        while True:
            summary = await self._rooms.summaries.get((self.reader.user_id, room_id))
            if summary is None:
                raise Refused(RefusalCode.NO_SUCH_ROOM)
            tail = await self._rooms.tail(room_id)
            await tail.reach(summary.last)
            changed = any(map(self.reader.is_concerned_by, tail.recent.access_lines(summary.last)))
            if not changed and summary.last >= tail.recent.oldest - 1:
                return self._follower(tail, summary), summary

    def _follower(self, tail, summary):
        return RoomFollower(tail, self._outlet, self, summary, wire=self._make_wire(summary))

    def begin(self, follower: RoomFollower) -> None:
        """Send what comes after the follower's cursor from now on.

        Does nothing when the person may not read the room any more, or the connection has ended.
        """
        if follower.tail.closed:  # it took far too long
            self._outlet.on_lag()
        elif not self._lobby.stopped and follower.may_still_read:
            if self._adapt_wire is not None:
                follower.wire = self._adapt_wire(follower.wire)
            self.followers[follower.tail.room_id] = follower
            follower.follow(follower.cursor)

    async def open(self, room_id: int, after: int | None, *, count_messages: bool) -> OpenedRoom:
        """Prepare to follow a room, and read what the client is sent first.

        Raises `Refused` and `Unavailable`.
        """
        self.close(room_id)
        follower, summary = await self.prepare(room_id)
        while len(self.followers) >= MAX_OPEN:
            self.close(next(iter(self.followers)))
        history = HistoryReader(follower, self._database)
        opening = await history.opening(after, count_messages=count_messages)
        here = await self.people(follower)
        follower.cursor = opening.seq
        return OpenedRoom(follower, summary, opening, here)

    async def view(self, room_id: int) -> RoomFollower:
        """Return the follower of a room, or one that sends nothing if the room is not open.

        Raises `Refused` and `Unavailable`.
        """
        follower = self.followers.get(room_id)
        return (await self.prepare(room_id))[0] if follower is None else follower

    async def people(self, follower: RoomFollower) -> RoomPeople:
        """Return the people of a follower's room, at least as new as its cursor.

        Raises `Refused` when the person had lost the room by then, and `Unavailable`.
        """
        tail = follower.tail
        found: RoomPeople | None = await self._rooms.people.get(tail.room_id)
        if found is not None:
            await tail.reach(found.seq)
        if found is None or not follower.may_still_read:
            raise Refused(RefusalCode.NO_SUCH_ROOM)
        return found

    def close(self, room_id: int) -> None:
        """Follow a room no longer. Does nothing if it is not open."""
        if (follower := self.followers.pop(room_id, None)) is not None:
            follower.stop()

    def lose(self, follower: RoomFollower, *, told: bool) -> None:
        """Forget a follower whose room the person may not read any more."""
        room_id = follower.tail.room_id
        if self.followers.get(room_id) is follower:
            del self.followers[room_id]
            if not told and self.listener is not None:
                self.listener.left(room_id, follower.slug)

    def end_view(self, follower: RoomFollower) -> None:
        """Stop a follower whose person is no member and may not read the room any more."""
        if not follower.stopped:
            follower.stop()
            self.lose(follower, told=False)

    # Sending

    def adapt_wires(self, adapt: Callable[[Wire], Wire]) -> None:
        """Send lines on the wires that `adapt` makes of others, also in rooms that follow."""
        self._adapt_wire = adapt
        for follower in self.followers.values():
            follower.wire = adapt(follower.wire)

    def make_outbox(self) -> Outbox:
        """Return an outbox for events to the same client, which take turns with the lines."""
        self._outbox = Outbox(self._outlet)
        return self._outbox

    @property
    def is_stopped(self) -> bool:
        """Whether the connection has ended."""
        return self._lobby.stopped

    def step_all(self) -> None:
        """Send what has waited until the client took something, beginning with the next room."""
        followers = list(self.followers.values())
        if self.blocked in followers:
            place = followers.index(self.blocked) + 1
            followers = followers[place:] + followers[:place]
        if self._outbox is not None:
            self._outbox.flush()
        for follower in followers:
            follower.step()

    def is_stuck(self, now: float) -> bool:
        """Return whether the client has taken nothing for too long, by the monotonic clock."""
        if not self._outlet.waiting:
            return False
        # A commit in several rooms may leave more than one follower waiting.
        senders = (*self.followers.values(), self._outbox)
        return any(each is not None and each.is_stuck(now) for each in senders)

    # Ending

    def stop(self, *, drain: bool = False) -> None:
        """Stop following all rooms. With `drain` the lines that are there are still sent."""
        for follower in self.followers.values():
            follower.stop(drain=drain)
        if self._outbox is not None:
            self._outbox.stop()

    async def wait_drained(self) -> None:
        """Wait until everything that is there has been sent, but at most `timing.DRAIN_WITHIN`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timing.DRAIN_WITHIN):
                await self._lobby.wait_drained()
                if self._outbox is not None:
                    await self._outbox.wait_drained()
                while blocked := self._blocked_followers():
                    await blocked[0].wait_drained()

    def _blocked_followers(self):
        return [each for each in self.followers.values() if each.blocked_since is not None]
