"""Follows the rooms of a text client, and tells the client which rooms come and go."""

import asyncio
import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress

from chat.live import timing
from chat.live.database import Unavailable
from chat.live.member import CloseReason, Member
from chat.live.outbox import Outbox
from chat.models import Membership
from chat.room.naming import PERSON_SIGN
from chat.room.refusal import Refused
from chat.room.summaries import RoomSummary
from chat.wire import room_lines

logger = logging.getLogger(__name__)

MAX_FOLLOWED = 200  # rooms of one connection; a member of more does not get the lines of the others
LOBBY = "#lobby"  # the label of the lobby, whose address never changes
FOLLOWED_AT_ONCE = 50  # rooms that are opened at the same time


def is_muted(summary: RoomSummary) -> bool:
    """Return whether a member wants to be told of nothing in a room. Guests have no such choice."""
    return summary.role is not None and summary.level == Membership.Level.NOTHING


class TextFollowing:
    """Follows all rooms of the person of a text client.

    `labels` has the rooms that the client knows to be in. Commands that join or leave a room call
    `follow` and `forget`; `TextNotices` hears of what happens in other ways.
    """

    __slots__ = (
        "_begun_at",
        "_due",
        "_looked_at",
        "_member",
        "_muted",
        "_outbox",
        "_running",
        "_sent_before",
        "labels",
    )

    def __init__(self, member: Member) -> None:
        self.labels: dict[int, str] = {}
        self._member = member
        self._outbox: Outbox | None = None  # made for the first notice
        self._begun_at: dict[int, int] = {}  # the lines after which the rooms were followed
        # The last lines that were sent of rooms that were followed before, the oldest room first. A
        # room that is followed again may begin with a line before that.
        self._sent_before: dict[int, int] = {}
        # Rooms to follow soon, in their order, and the lines after which they begin, if known.
        self._due: dict[int, int | None] = {}
        self._muted: set[int] = set()  # rooms of which the member wants to be told nothing
        self._looked_at: int | None = None  # the one of them that is being prepared
        self._running: asyncio.Task[None] | None = None

    def is_followed(self, room_id: int) -> bool:
        """Return whether the client gets the lines of a room besides the lobby."""
        return room_id in self._member.rooms.followers

    def has_sent_text(self, after: int) -> bool:
        """Return whether the client was sent something since a line of the lobby."""
        if self._outbox is not None or self._member.follower.has_sent_text(after):
            return True
        return any(
            follower.has_sent_text(self._begun_at.get(room_id, 0))
            for room_id, follower in self._member.rooms.followers.items()
        )

    # Following

    async def follow_all(self, summaries: Sequence[RoomSummary]) -> None:
        """Follow the rooms of an account from now on. Raises `Unavailable`."""
        others = [summary for summary in summaries if summary.id != self._member.room_id]
        for start in range(0, len(others), FOLLOWED_AT_ONCE):
            some = others[start : start + FOLLOWED_AT_ONCE]
            await asyncio.gather(*(self._try_to_follow(each, each.last) for each in some))

    async def follow(self, summary: RoomSummary, after: int | None = None) -> None:
        """Send the lines of a room after a number from now on.

        Without a number it is that of the line that says that the person has joined it. A direct
        room has no such line, and begins with what is unread. Raises `Refused` if the person may
        not read the room any more, and `Unavailable`.
        """
        self.labels[summary.id] = room_lines.label(summary.slug, summary.people)
        try:
            follower, present = await self._member.rooms.prepare(summary.id)
        except (Refused, *Unavailable):
            self.follow_if_joined(summary.id)  # an invitation may follow, or the database return
            raise
        if is_muted(present):
            self._muted.add(summary.id)
            return
        if summary.role is None or present.role is not None:  # or it was lost meanwhile
            self._begin(follower, self._begin_of(follower, present) if after is None else after)

    def _begin_of(self, follower, summary):
        recent, reader = follower.tail.recent, self._member.rooms.reader
        joined = (
            line.seq
            for line in reversed(recent.between(recent.oldest - 1, recent.seen))
            if line.kind == "joined" and reader.is_named_by(line)
        )
        return next(joined, summary.read)

    async def _try_to_follow(self, summary, after):
        try:
            await self.follow(summary, after)
        except Refused:
            self.forget(summary.id)

    def _begin(self, follower, after):
        room_id, rooms = follower.tail.room_id, self._member.rooms
        if self.is_followed(room_id):
            return  # something else was faster
        if len(rooms.followers) >= MAX_FOLLOWED:
            self.tell(room_id, room_lines.not_followed(self.labels.get(room_id, "a room")))
            return
        sent = self._sent_before.get(room_id, 0)
        follower.cursor = max(min(after, follower.cursor), sent, follower.tail.recent.oldest - 1)
        self._begun_at[room_id] = follower.cursor
        rooms.begin(follower)

    def forget(self, room_id: int) -> None:
        """Follow a room no longer, unless somebody has invited the person again by now."""
        self._due.pop(room_id, None)
        if self._looked_at == room_id:
            self._looked_at = None
        label = self.labels.pop(room_id, None)
        self._close(room_id)
        if label is not None and not label.startswith(PERSON_SIGN):
            self.follow_if_joined(room_id)  # the notice of the invitation may have come before

    def _close(self, room_id):
        self._begun_at.pop(room_id, None)
        if (follower := self._member.rooms.followers.get(room_id)) is None:
            return
        self._sent_before.pop(room_id, None)
        self._sent_before[room_id] = follower.end_of_sent
        if len(self._sent_before) > MAX_FOLLOWED:
            del self._sent_before[next(iter(self._sent_before))]
        self._member.rooms.close(room_id)

    # Rooms that were joined in other ways

    def follow_if_joined(self, room_id: int, after: int | None = None) -> None:
        """Look soon whether the person is in a room that is not followed, and follow it.

        `after` is as in `follow`.
        """
        if room_id == self._member.room_id:
            return  # all connections follow the lobby
        self._due[room_id] = after
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._follow_due())

    async def _follow_due(self):
        try:
            while self._due and not self._member.ended:
                self._looked_at = room_id = next(iter(self._due))
                after = self._due.pop(room_id)
                try:
                    await self._follow_joined(room_id, after)
                except Unavailable:
                    self._due[room_id] = after
                    await asyncio.sleep(timing.POLL)
        except Exception:
            logger.exception("A connection ended by an error while it began to follow a room")
            self._member.end(CloseReason.ERROR)
        finally:
            self._running = self._looked_at = None

    async def _follow_joined(self, room_id, after):
        with suppress(Refused):
            follower, summary = await self._member.rooms.prepare(room_id)
            if summary.role is not None and self._looked_at == room_id:
                if is_muted(summary):
                    self._muted.add(room_id)
                    return
                begin = self._begin_of(follower, summary) if after is None else after
                self._begin(follower, begin)
                if self.is_followed(room_id):
                    self.note_joined(summary)

    def heed_level(self, summary: RoomSummary) -> None:
        """Follow a room no longer when its member wants to be told of nothing, or follow it again.

        The lines of the lobby come in any case.
        """
        if summary.id == self._member.room_id:
            return
        if is_muted(summary):
            self._muted.add(summary.id)
            self._due.pop(summary.id, None)
            self._close(summary.id)
        elif summary.id in self._muted:
            self._muted.discard(summary.id)
            self.follow_if_joined(summary.id, summary.last)

    # Notices

    def note_joined(self, summary: RoomSummary) -> None:
        """Note that the person has joined a room in another way than by a word, and say so once.

        A direct room comes with its first message.
        """
        if summary.id not in self.labels:
            self.labels[summary.id] = label = room_lines.label(summary.slug, summary.people)
            if not summary.people:
                self.tell(summary.id, room_lines.now_in(label))

    def note_left(self, room_id: int) -> None:
        """Note that the person has left or lost a room in another way than by a word."""
        label = self.labels.pop(room_id, None)
        if label is not None and label.startswith(PERSON_SIGN):
            self.forget(room_id)  # no line says that a direct room is hidden
        if label is not None:
            self.tell(room_id, room_lines.no_longer_in(label))

    def tell(self, key: Hashable, notice: bytes) -> None:
        """Send a line beside those of the rooms; it replaces one of the same key that waits."""
        if self._outbox is None:
            self._outbox = self._member.rooms.make_outbox()
        self._outbox.put(key, {"type": "tcp.send", "data": notice})
