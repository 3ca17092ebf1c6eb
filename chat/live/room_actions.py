"""The actions of a member that change rooms, or the member's place in them."""

from collections.abc import Callable, Sequence

from chat.live.database import Database
from chat.live.read_positions import ReadPositions
from chat.live.rooms import Rooms
from chat.room import actions, reporting
from chat.room.actions import Actor
from chat.room.refusal import RefusalCode, Refused
from chat.room.summaries import RoomSummary
from chat.room.targets import Target


class RoomActions:
    """Runs the functions of `chat.room.actions` for the person behind one connection.

    Most methods return the summary of the room after the action; `part` returns the one before. All
    raise `Refused` and `Unavailable`. `on_done(room_id, summary)` is called after each action, with
    None for a room that was left.
    """

    __slots__ = ("_actor", "_database", "_on_done", "_positions", "_rooms")

    def __init__(
        self,
        actor: Actor,
        rooms: Rooms,
        database: Database,
        positions: ReadPositions,
        on_done: Callable[[int, RoomSummary | None], None],
    ) -> None:
        self._actor = actor
        self._rooms = rooms
        self._database = database
        self._positions = positions
        self._on_done = on_done

    async def summary(self, room_id: int) -> RoomSummary:
        """Return the summary of a room that the member may read."""
        summary = await self._rooms.summaries.get((self._actor.user_id, room_id))
        if summary is None:
            raise Refused(RefusalCode.NO_SUCH_ROOM)
        return summary

    async def join(self, room_id: int) -> RoomSummary:
        """Become a member of an open room, or visit it as a guest."""
        await self._database.write(actions.join, self._actor, room_id)
        return await self._done(room_id)

    async def part(self, room_id: int) -> RoomSummary:
        """Leave a room; a direct room is hidden."""
        summary = await self.summary(room_id)
        await self._database.write(actions.part, self._actor, room_id)
        self._on_done(room_id, None)
        return summary

    async def set_topic(self, room_id: int, topic: str) -> RoomSummary:
        """Set what a room is about."""
        await self._database.write(actions.set_topic, self._actor, room_id, topic)
        return await self._done(room_id)

    async def invite(self, room_id: int, name: str) -> RoomSummary:
        """Make somebody a member of a room."""
        await self._database.write(actions.invite, self._actor, room_id, name)
        return await self._done(room_id)

    async def open_direct(self, names: Sequence[str]) -> RoomSummary:
        """Open the direct room with some people, and create it if there is none."""
        room_id = await self._database.write(actions.open_direct, self._actor, names)
        return await self._done(room_id)

    async def set_level(self, room_id: int, level: str) -> RoomSummary:
        """Set which messages of a room the member wants to be told of."""
        await self._database.write(actions.set_level, self._actor, room_id, level)
        return await self._done(room_id)

    async def set_favourite(self, room_id: int, *, wanted: bool) -> RoomSummary:
        """Set whether the member wants a room above the others."""
        await self._database.write(actions.set_favourite, self._actor, room_id, wanted)
        return await self._done(room_id)

    async def report(
        self, room_id: int, seq: int | None, person: Target | str | None, why: str
    ) -> None:
        """Report a message of a room, or a person without `seq`, to the moderators."""
        await self._database.write(reporting.report_as, self._actor, room_id, seq, person, why)

    async def _done(self, room_id):
        summary = await self.summary(room_id)
        self._on_done(room_id, summary)
        return summary

    # Reading

    async def read(self, room_id: int, seq: int) -> None:
        """Save soon that the member has read a room up to a line."""
        user_id = self._actor.user_id
        if user_id is None or not self._positions.add(user_id, room_id, seq):
            await self.summary(room_id)  # or the room does not exist for this person

    def note_read(self, room_id: int, seq: int) -> None:
        """Do the same for a line that the member was sent. Nothing is done for other rooms."""
        if self._actor.user_id is not None:
            self._positions.add(self._actor.user_id, room_id, seq)

    async def mark_unread(self, room_id: int, seq: int) -> None:
        """Mark a line of a room and those after it as unread."""
        await self.summary(room_id)
        if self._actor.user_id is not None:
            await self._positions.mark_unread(self._actor.user_id, room_id, seq)
