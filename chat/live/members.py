"""The members of this process: entering and leaving."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from chat.live import timing
from chat.live.departures import Departures
from chat.live.follower import Follower
from chat.live.member import CloseReason, Member
from chat.room import presence, transcript
from chat.room.presence import Entrant, Stay
from chat.room.refusal import Refused
from chat.wire.interface import Event, Wire

if TYPE_CHECKING:
    from chat.live.process import ServerProcess

RETURN_SECONDS_PER_MEMBER = 0.02  # how much each member lengthens the time until all return


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
    ) -> Member:
        """Let somebody into the lobby. The member is sent no lines before `Member.follow`.

        `send`, `write` and `close` are described in `Follower` and `Member`. Raises `Refused`,
        `Unavailable` when the database is away, and `Stopping`.
        """
        room_id = self._process.rooms.lobby.pk
        tail = await self._process.rooms.tail(room_id)
        if self._process.stopping:
            raise Stopping
        stay = await self._enter_room(
            room_id,
            Entrant(
                name=name,
                user_id=user_id,
                process_id=self._process.cluster.id,
                door=door,
                session_key=session_key,
            ),
        )
        if self._process.stopping:
            # The other members may have been told already when to return, so it is too late to
            # add one. A guest leaves; the place of a web member is kept for their return.
            if user_id is None:
                await self.departures.leave(room_id, stay.connection_id)
            raise Stopping
        follower = Follower(
            tail,
            stay.seq,
            wire=wire,
            send=send,
            write=write,
            on_lag=lambda: member.end(CloseReason.SLOW),
            on_error=lambda: member.end(CloseReason.ERROR),
        )
        member = Member(
            stay.connection_id,
            stay.name,
            follower=follower,
            say_commit=self._process.rooms.commit(transcript.say, room_id),
            database=self._process.database,
            close=close,
            user_id=user_id,
            session_key=session_key,
        )
        self.by_id[member.id] = member
        return member

    async def _enter_room(self, room_id: int, entrant: Entrant) -> Stay:
        commit = self._process.rooms.commit(presence.enter, room_id)
        entering = asyncio.ensure_future(commit.submit(entrant))
        try:
            result: Stay | Refused = await asyncio.shield(entering)
        except asyncio.CancelledError:
            entering.add_done_callback(lambda future: self._undo_entering(room_id, future))
            raise
        if isinstance(result, Refused):
            raise result
        return result

    def _undo_entering(self, room_id: int, entering: "asyncio.Future[Any]") -> None:
        """End a connection that was saved after its client had disconnected."""
        if entering.exception() is None and not isinstance(entering.result(), Refused):
            self.departures.expire_soon(room_id, entering.result().connection_id)

    async def leave(self, member: Member) -> None:
        """End a member at once: they asked for it, or a legacy connection has ended."""
        self._remove(member)
        await self.departures.leave(member.room_id, member.id)

    async def linger(self, member: Member) -> None:
        """End a member whose web connection is lost, unless they return within the grace period."""
        self._remove(member)
        await self.departures.linger(member.room_id, member.id)

    def _remove(self, member: Member) -> None:
        member.follower.stop()
        self.by_id.pop(member.id, None)

    def end_all(self, reason: CloseReason) -> None:
        """End all members."""
        for member in list(self.by_id.values()):
            member.end(reason)

    def end_stuck(self) -> None:
        """End the members whose clients have taken nothing for too long."""
        now = time.monotonic()
        for member in list(self.by_id.values()):
            if member.follower.is_stuck(now):
                member.end(CloseReason.SLOW)

    @property
    def return_within(self) -> float:
        """The seconds over which members should return after a stop. They grow with the number."""
        return min(timing.RETURN_WITHIN, len(self.by_id) * RETURN_SECONDS_PER_MEMBER)
