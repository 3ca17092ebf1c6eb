"""A member: one living connection on the site, with either protocol."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from chat.live.database import Database
from chat.live.follower import Follower
from chat.live.group_commit import GroupCommit
from chat.live.held_watch import HeldWatch
from chat.live.history import HistoryReader, Opening, Page
from chat.live.ignoring import IgnoreList
from chat.live.ignoring_wire import bare
from chat.live.open_rooms import OpenRooms
from chat.live.room_actions import RoomActions
from chat.live.room_people import RoomPeople
from chat.models import Line, Message
from chat.room.amendment import Amended, Amendment
from chat.room.newcomers import Held
from chat.room.refusal import Refused
from chat.room.transcript import Said, Saying
from chat.wire.commands import History, Say
from chat.wire.interface import Wire


class CloseReason(Enum):
    """The reasons for which the server closes a connection."""

    LOGOUT = "logout"  # the member asked to leave
    SIGN_IN = "sign in"  # nobody is signed in, or the login session has ended
    REMOVED = "removed"  # somebody disconnected the member
    REPLACED = "replaced"  # newer connections of the account have taken its places
    SLOW = "slow"  # the client is further behind than the tail remembers, or reads nothing
    RESTART = "restart"  # the server stops
    TOO_MANY = "too many"  # the process has no more sockets
    ERROR = "error"  # our fault


class Member:
    """A member on the site. `Members.enter` creates it, `Members.leave` or `linger` ends it.

    `close(reason)` is the consumer's function that starts to close the connection; it does not wait
    and is called once at most.
    """

    def __init__(
        self,
        connection_id: int,
        name: str,
        *,
        follower: Follower,
        rooms: OpenRooms,
        actions: RoomActions,
        ignoring: IgnoreList,
        held: HeldWatch,
        say_commit: GroupCommit,
        amend_commit: GroupCommit,
        database: Database,
        close: Callable[[CloseReason], None],
        is_newcomer: bool = True,
        user_id: int | None = None,
        session_key: str = "",
    ) -> None:
        self.id = connection_id
        self.name = name
        self.user_id = user_id
        self.session_key = session_key
        self.is_newcomer = is_newcomer  # the person was not on the site before
        self.follower = follower  # of the lobby
        self.rooms = rooms  # the others that the connection follows
        self.actions = actions
        self.ignoring = ignoring
        self._held = held
        self._say_commit = say_commit
        self._amend_commit = amend_commit
        self._database = database
        self._close = close

    @property
    def room_id(self) -> int:
        return self.follower.tail.room_id

    @property
    def ended(self) -> bool:
        """Whether the member has left or was ended, so that nothing more is done for it."""
        return self.follower.stopped

    def end(self, reason: CloseReason) -> None:
        """End the member from our side. On a restart the lines in the tail are still sent."""
        if not self.ended:
            self.stop(drain=reason is CloseReason.RESTART)
            self._close(reason)

    def stop(self, *, drain: bool = False) -> None:
        """Send nothing more. With `drain` the lines that are there are still sent."""
        self.follower.stop(drain=drain)
        self.rooms.stop(drain=drain)

    def is_stuck(self, now: float) -> bool:
        """Return whether the client has taken nothing for too long, by the monotonic clock."""
        return self.follower.is_stuck(now) or self.rooms.is_stuck(now)

    # Beginning

    async def opening(self, after: int | None, *, count_messages: bool = False) -> Opening:
        """Return what the client is sent first, or when it opens the lobby like another room.

        See `HistoryReader`.
        """
        history = HistoryReader(self.follower, self._database)
        return await history.opening(after, count_messages=count_messages)

    def follow(self, seq: int) -> None:
        """Send what comes after the line `seq` from now on."""
        self.follower.follow(seq)

    def adapt_wires(self, adapt: Callable[[Wire], Wire]) -> None:
        """Send lines on the wires that `adapt` makes of the present ones from now on."""

        def adapted(wire: Wire) -> Wire:
            return self.ignoring.wrap(adapt(bare(wire)))

        self.follower.wire = adapted(self.follower.wire)
        self.rooms.adapt_wires(adapted)

    # Commands

    async def say(self, command: Say) -> Said | Held:
        """Save what the member says, and wait until they were sent the line.

        In the result `again` is true when the line does not come: the room is not open, or the
        member repeats a message whose line this connection was sent before. Then the client needs a
        separate answer, as it does when the message waits for a moderator. Raises `Refused`,
        `Unavailable` when it could not be saved, and of these `OutcomeUnknown` when it may have
        been.
        """
        room_id = self.room_id if command.room is None else command.room
        # Parsing takes microseconds, and a few milliseconds for the worst of texts. Here it keeps
        # no transaction waiting.
        saying = Saying(
            room_id,
            self.id,
            command.text,
            command.client_id,
            reply=command.reply,
            files=command.files,
        )
        result: Said | Held = await self._submit(self._say_commit, saying.parsed())
        if isinstance(result, Held):
            self._held.add(self.rooms, result)
            return result
        follower = self._following(room_id)
        if follower is None or (result.again and result.seq <= follower.cursor):
            return result._replace(again=True)
        await follower.wait_delivered(result.seq)
        return result._replace(again=result.seq > follower.cursor)

    async def amend(
        self, kind: Message.Kind, room: int | None, seq: int, text: str = ""
    ) -> Amended:
        """Change a message, and wait until the member was sent the line that says so.

        `kind` and `text` are those of an `Amendment`. No line comes if nothing has changed, or the
        room is not open. Raises `Refused`, and `Unavailable` when it could not be saved.
        """
        room_id = self.room_id if room is None else room
        amendment = Amendment(room_id, self.id, seq, kind, text).parsed()
        result: Amended = await self._submit(self._amend_commit, amendment)
        follower = self._following(room_id)
        if follower is None or result.seq is None:
            return result
        await follower.wait_delivered(result.seq)
        return result._replace(shown=result.seq <= follower.cursor)

    async def _submit(self, commit: GroupCommit, item: Saying | Amendment) -> Any:
        """Return the committed result of something that is done in a room, or raise `Refused`."""
        result = await commit.submit(item)
        if isinstance(result, Refused):
            if item.room_id != self.room_id:
                # Or the room does not exist for this person.
                await self.actions.summary(item.room_id)
            raise result
        return result

    def _following(self, room_id: int) -> Follower | None:
        return self.follower if room_id == self.room_id else self.rooms.followers.get(room_id)

    async def look(self) -> tuple[int, bytes]:
        """Return the people in the lobby, encoded, at the last line that this member was sent."""
        seq = self.follower.cursor
        await self.follower.tail.reach(seq)
        return seq, self.follower.tail.encoder.encode_people(self.follower.wire, seq)

    async def look_into(self, room_id: int) -> RoomPeople:
        """Return the people of another room.

        Raises `Refused` and `Unavailable`.
        """
        return await self.rooms.people(await self.rooms.view(room_id))

    async def history(self, command: History) -> Page:
        """Return a part of the history of a room. Raises `Refused` and `Unavailable`."""
        return await (await self._reader(command.room)).page(command)

    async def messages(self, limit: int, room_id: int | None = None) -> list[Line]:
        """Return the newest messages of a room that this member was sent, or may read.

        Raises `Refused` and `Unavailable`.
        """
        return await (await self._reader(room_id)).messages(limit)

    async def _reader(self, room_id):
        is_lobby = room_id is None or room_id == self.room_id
        follower = self.follower if is_lobby else await self.rooms.view(room_id)
        return HistoryReader(follower, self._database)
