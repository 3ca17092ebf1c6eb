"""The members of this process: entering and leaving."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chat.live import timing
from chat.live.departures import Departures
from chat.live.doorbell import Subject
from chat.live.follower import Follower
from chat.live.ignoring import IgnoreList
from chat.live.member import CloseReason, Member
from chat.live.open_rooms import OpenRooms
from chat.live.outlet import Outlet
from chat.live.room_actions import RoomActions
from chat.live.room_follower import RoomReader
from chat.room import amending, presence, transcript
from chat.room.actions import Actor
from chat.room.ignoring import Ignorer
from chat.room.presence import Entrant, Stay
from chat.room.refusal import Refused
from chat.room.summaries import RoomSummary
from chat.wire.interface import Event, Wire
from chat.wire.room_frames import RoomWire

if TYPE_CHECKING:
    from chat.live.process import ServerProcess

RETURN_SECONDS_PER_MEMBER = 0.02  # how much each member lengthens the time until all return


def wire_of_room(summary: RoomSummary) -> Wire:
    """Return the wire of a room besides the lobby, for web members."""
    return _shared_wire(summary.id)


@lru_cache(maxsize=1024)
def _shared_wire(room_id: int) -> Wire:
    """Return one wire for all followers of a room, which takes less memory."""
    return RoomWire(room_id)


class Stopping(Exception):
    """The process stops and lets nobody in."""


class Members:
    """The members that are connected to this process, by the id of their connection."""

    def __init__(self, process: "ServerProcess") -> None:
        self.by_id: dict[int, Member] = {}
        self.departures = Departures(process.rooms)
        self._process = process

    async def enter(
        self,
        name: str,
        *,
        user_id: int | None,
        door: str,
        wire: Wire,
        send: Callable[[Event], Awaitable[None]],
        close: Callable[[CloseReason], None],
        write: Callable[[Sequence[Event]], Sequence[Event]] | None = None,
        session_key: str = "",
        address: str = "",
        make_room_wire: Callable[[RoomSummary], Wire] = wire_of_room,
    ) -> Member:
        """Let somebody into the lobby. The member is sent no lines before `Member.follow`.

        `send`, `write` and `close` are described in `Outlet` and `Member`, `make_room_wire` in
        `OpenRooms`. Raises `Refused`, `Unavailable` when the database is away, and `Stopping`.
        Connections of the same account that this one replaces are ended.
        """
        room_id = self._process.rooms.lobby.pk
        tail = await self._process.rooms.tail(room_id)
        if self._process.stopping:
            raise Stopping
        ignored = await self._process.ignore_lists.read(user_id)
        stay = await self._enter_site(
            Entrant(
                name=name,
                user_id=user_id,
                process_id=self._process.cluster.id,
                door=door,
                session_key=session_key,
                address=address,
            ),
        )
        self._process.addresses.note(stay.name, user_id, address)
        self._end_replaced(stay)
        if self._process.stopping:
            # The other members may have been told already when to return, so it is too late to
            # add one. A guest leaves; the place of a web member is kept for their return.
            if user_id is None:
                await self.departures.leave(stay.connection_id)
            raise Stopping
        member = self._member(
            tail,
            stay,
            close,
            make_room_wire,
            ignored,
            user_id=user_id,
            session_key=session_key,
            wire=wire,
            send=send,
            write=write,
        )
        self.by_id[member.id] = member
        return member

    def _member(
        self,
        tail,
        stay,
        close,
        make_room_wire,
        ignored,
        *,
        user_id,
        session_key,
        wire,
        send,
        write,
    ):
        """Return the member of a connection."""
        rooms, database = self._process.rooms, self._process.database
        ignoring = IgnoreList(
            Ignorer(user_id, stay.name),
            ignored,
            database,
            lambda: [member.follower, *member.rooms.followers.values()],
            on_change=lambda: self._process.watch.ignores(member),
        )
        outlet = Outlet(
            send=send,
            write=write,
            on_lag=lambda: member.end(CloseReason.SLOW),
            on_error=lambda: member.end(CloseReason.ERROR),
        )
        follower = Follower(tail, stay.seq, outlet, wire=ignoring.wrap(wire))
        member = Member(
            stay.connection_id,
            stay.name,
            follower=follower,
            rooms=OpenRooms(
                RoomReader(user_id, stay.name),
                follower,
                outlet,
                rooms=rooms,
                database=database,
                make_wire=lambda summary: ignoring.wrap(make_room_wire(summary)),
            ),
            actions=RoomActions(
                Actor(user_id, stay.connection_id),
                rooms,
                database,
                self._process.positions,
                lambda *done: self._process.watch.applied(member, *done),
            ),
            ignoring=ignoring,
            held=self._process.held,
            say_commit=rooms.commit(transcript.say),
            amend_commit=rooms.commit(amending.amend),
            database=database,
            close=close,
            is_newcomer=stay.is_newcomer,
            user_id=user_id,
            session_key=session_key,
        )
        return member

    async def _enter_site(self, entrant: Entrant) -> Stay:
        commit = self._process.rooms.commit(presence.enter)
        entering = asyncio.ensure_future(commit.submit(entrant))
        try:
            result: Stay | Refused = await asyncio.shield(entering)
        except asyncio.CancelledError:
            entering.add_done_callback(self._undo_entering)
            raise
        if isinstance(result, Refused):
            raise result
        return result

    def _end_replaced(self, stay: Stay) -> None:
        """End the members that were replaced, here and on the other processes."""
        for connection_id in stay.replaced & self.by_id.keys():
            self.by_id[connection_id].end(CloseReason.REPLACED)
        for connection_id in stay.replaced - self.by_id.keys():
            self._process.doorbell.ring(Subject.CONNECTIONS, connection_id)

    def _undo_entering(self, entering: "asyncio.Future[Any]") -> None:
        """End a connection that was saved after its client had disconnected."""
        if entering.exception() is None and not isinstance(entering.result(), Refused):
            self.departures.expire_soon(entering.result().connection_id)

    async def leave(self, member: Member) -> None:
        """End a member at once, and the places that are kept for the person: they want to leave."""
        self._remove(member)
        await self.departures.leave(member.id)

    async def end(self, member: Member) -> None:
        """End a member at once, because a legacy connection has ended."""
        self._remove(member)
        await self.departures.end(member.id)

    async def linger(self, member: Member) -> None:
        """End a member whose web connection is lost, unless they return within the grace period."""
        self._remove(member)
        await self.departures.linger(member.id)

    def _remove(self, member: Member) -> None:
        member.stop()
        self._process.watch.leave(member)
        self._process.held.leave(member.rooms)
        self._process.waiting.leave(member)
        self.by_id.pop(member.id, None)

    def end_all(self, reason: CloseReason) -> None:
        """End all members."""
        for member in list(self.by_id.values()):
            member.end(reason)

    def end_stuck(self) -> None:
        """End the members whose clients have taken nothing for too long."""
        now = time.monotonic()
        for member in list(self.by_id.values()):
            if member.is_stuck(now):
                member.end(CloseReason.SLOW)

    @property
    def return_within(self) -> float:
        """The seconds over which members should return after a stop. They grow with the number."""
        return min(timing.RETURN_WITHIN, len(self.by_id) * RETURN_SECONDS_PER_MEMBER)
