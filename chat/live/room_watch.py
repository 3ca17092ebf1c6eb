"""Tells the members of this process what changes in their rooms.

Rooms that nobody here has open have no tail. This job reads the few lines of them that matter.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from operator import attrgetter

from django.utils import timezone

from chat.live import shared_task, timing
from chat.live.accounts_here import AccountsHere
from chat.live.database import Database, Unavailable
from chat.live.member import Member
from chat.live.message_counts import MessageCounts
from chat.live.room_refresh import Pair, RoomRefresh
from chat.live.rooms import Rooms
from chat.room import reading, watching
from chat.room.log import Counters
from chat.room.summaries import RoomSummary
from chat.room.watching import Changes

logger = logging.getLogger(__name__)

CLOCK_DIFFERENCE = 2  # seconds that the clocks of hosts may differ, at most, where no bus rings


class RoomWatch:
    """Looks at rooms that have changed: soon after a ring, but not more often than `timing.WATCH`.

    `accounts` are those that are told.
    """

    def __init__(self, rooms: Rooms, database: Database) -> None:
        self.accounts = AccountsHere()
        self._rooms = rooms
        self._database = database
        self._counts = MessageCounts(database, self.accounts)
        self._refresh = RoomRefresh(database, self.accounts, self._counts)
        self._known: dict[int, int] = {}  # the line up to which each room was looked at
        self._due: set[int] = set()  # rooms to look at
        self._positions_read_at = timezone.now()
        self._running: asyncio.Task[None] | None = None

    def begin(self, counters: Mapping[int, Counters]) -> None:
        """Take the rooms as they are when the process starts."""
        self._known = {room_id: each.last_seq for room_id, each in counters.items()}

    # Members

    async def welcome(self, member: Member) -> list[RoomSummary]:
        """Begin to tell a member about the rooms of their account, and return these."""
        user_id = member.user_id
        if user_id is None:
            return []
        account = self.accounts.enter(user_id, member.rooms, member.ignoring.keys)
        self.ignores(member)  # others than when an earlier connection entered
        version = account.version
        found = await self._rooms.summaries_of.get(user_id) or []
        self.accounts.load(user_id, found)
        if account.version != version:
            # The rooms that were read may be older than the changes that were told meanwhile.
            self._refresh.add_accounts([user_id])
        behind = [summary for summary in found if not self._counts.begin(summary)]
        self._refresh.add((user_id, summary.id) for summary in behind)
        self._look_soon()
        return found

    def leave(self, member: Member) -> None:
        """Tell a member nothing more."""
        if member.user_id is not None:
            self.accounts.leave(member.user_id, member.rooms)

    def applied(self, member: Member, room_id: int, summary: RoomSummary | None) -> None:
        """Take what an action of a member has led to; its client is answered separately."""
        if member.user_id is not None:
            self._refresh.take(member.user_id, room_id, summary, spared=member.rooms)
            if summary is None:
                # Somebody may have invited the member again before this was taken.
                self._refresh.add_accounts([member.user_id])
            self._look_soon()

    def take(self, user_id: int, room_id: int, summary: RoomSummary) -> None:
        """Take the present state of a room of an account, and tell all of its clients."""
        self._refresh.take(user_id, room_id, summary)
        self._look_soon()

    def ignores(self, member: Member) -> None:
        """Count again what a member has not read: they ignore others than before."""
        if member.user_id is not None and self.accounts.ignore(
            member.user_id, member.ignoring.keys
        ):
            self.refresh(member.user_id)

    # Looking at rooms

    def notice(self, room_id: int) -> None:
        """Look soon at a room that has changed. The poll suffices for the lobby."""
        if room_id != self._rooms.lobby.pk:
            self._due.add(room_id)
            self._look_soon()

    def compare(self, counters: Mapping[int, Counters]) -> None:
        """Look at the rooms that have more lines than were looked at."""
        known = self._known
        self._due.update(
            room_id for room_id, each in counters.items() if each.last_seq > known.get(room_id, 0)
        )
        self._look_soon()

    def refresh(self, user_id: int) -> None:
        """Read all rooms of an account soon, because another process has changed something."""
        self._refresh.add_accounts([user_id])
        self._look_soon()

    async def look_for_positions(self) -> None:
        """Find read positions that other processes have saved, if no ring has told so."""
        begun = timezone.now()
        since = self._positions_read_at - timedelta(seconds=CLOCK_DIFFERENCE)
        for position in await self._database.read(reading.changed_since, since):
            if position.user_id in self.accounts:
                counts = self.accounts.rooms_of(position.user_id).get(position.room_id)
                if counts is not None and counts.read != position.seq:
                    self._refresh.add([(position.user_id, position.room_id)])
        self._positions_read_at = begun

    @property
    def _is_due(self):
        return bool(self._due) or self._refresh.is_due or self._counts.is_due

    def _look_soon(self):
        if self._running is None and self._is_due:
            self._running = shared_task.start(self._look_until_done())

    async def _look_until_done(self):
        try:
            while self._is_due:
                await asyncio.sleep(timing.WATCH)
                await self.look()
        except Unavailable:
            pass  # the poll tries again
        except Exception:
            logger.exception("Members could not be told about their rooms")
        finally:
            self._running = None

    async def look(self) -> None:
        """Look at the rooms that have changed, and tell the members. Raises `Unavailable`."""
        if self._due:
            await self._look_at_due()
        await self._refresh.tell()
        await self._counts.tell()

    async def _look_at_due(self):
        due, self._due = self._due, set()
        try:
            known = {room_id: self._known.get(room_id, 0) for room_id in due}
            changes = await self._database.read(watching.after, known)
        except Exception:
            self._due |= due
            raise
        self._known |= changes.last
        for user_id, room_id in _lost(changes, self.accounts):
            self._refresh.take(user_id, room_id, None)
        for user_id, room_id in _passed(changes, self.accounts):
            self.accounts.tell_left(user_id, room_id, changes.slugs[room_id])
        self._refresh.add(_concerned(changes, self.accounts, self._rooms.lobby.pk))
        self._refresh.add_accounts(_unaware(changes, self.accounts))
        for room_id, last in changes.last.items():
            if room_id != self._rooms.lobby.pk and self.accounts.users_in(room_id):
                self._counts.add(room_id, last)


def _lost(changes: Changes, accounts: AccountsHere) -> Iterable[Pair]:
    """Return the accounts here, with the rooms, that have left since their clients learned of them.

    They may have joined again by now. Their connections follow the room no longer, so they have to
    hear of both.
    """
    for event in changes.events:
        if event.kind == "parted" and event.author_id is not None and event.author_id in accounts:
            known = accounts.rooms_of(event.author_id).get(event.room_id)
            if known is not None and known.had_at < event.seq:
                yield event.author_id, event.room_id


def _passed(changes: Changes, accounts: AccountsHere) -> Iterable[Pair]:
    """Return the accounts here, with the rooms, that have joined and left since the last look.

    Their clients may show the room, because they have joined it by speaking there.
    """
    kinds: dict[Pair, list[str]] = {}
    for event in sorted(changes.events, key=attrgetter("seq")):
        if event.author_id is not None and event.author_id in accounts:
            kinds.setdefault((event.author_id, event.room_id), []).append(event.kind)
    for (user_id, room_id), found in kinds.items():
        moves = [kind for kind in found if kind in ("joined", "parted")]
        if moves[-2:] == ["joined", "parted"] and room_id not in accounts.rooms_of(user_id):
            yield user_id, room_id


def _concerned(changes: Changes, accounts: AccountsHere, lobby_id: int) -> Iterable[Pair]:
    """Return the accounts here, with the rooms, whose lists of rooms may have changed."""
    for event in changes.events:
        if event.is_counting and event.room_id == lobby_id:
            continue  # there may be thousands, who see the change in the lobby itself
        if event.is_counting:
            for pk in accounts.users_in(event.room_id):
                if accounts.rooms_of(pk)[event.room_id].read < (event.of or 0):
                    yield pk, event.room_id
        elif not event.is_personal:
            yield from ((pk, event.room_id) for pk in accounts.users_in(event.room_id))
        elif event.author_id is not None and event.author_id in accounts:
            yield event.author_id, event.room_id


def _unaware(changes: Changes, accounts: AccountsHere) -> Iterable[int]:
    """Return the accounts here that had hidden a direct room, which a message shows again."""
    for room_id, user_ids in changes.people.items():
        for user_id in user_ids:
            if user_id in accounts and room_id not in accounts.rooms_of(user_id):
                yield user_id
