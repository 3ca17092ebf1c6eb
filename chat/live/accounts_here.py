"""The accounts that are connected to this process, and what they have not read in their rooms."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from chat.live.open_rooms import OpenRooms
from chat.live.room_counts import RoomCounts, Talk
from chat.live.room_follower import RoomFollower
from chat.live.room_listener import Activity, RoomListener
from chat.room.summaries import RoomSummary


class Account:
    """An account with connections to this process.

    `rooms` are its rooms by their ids, and `version` counts their changes. `ignored` are the keys
    of the people whose messages do not count.
    """

    __slots__ = ("connections", "ignored", "rooms", "user_id", "version")

    def __init__(self, user_id: int, ignored: Set[str] = frozenset()) -> None:
        self.user_id = user_id
        self.ignored = ignored
        self.connections: list[OpenRooms] = []  # few, and a list takes less memory than a set
        self.rooms: dict[int, RoomCounts] = {}
        self.version = 0

    def listeners(self, spared: OpenRooms | None) -> Iterator[RoomListener]:
        """Return what tells the clients of the account, except for one connection."""
        for connection in self.connections:
            if connection is not spared and connection.listener is not None:
                yield connection.listener


class AccountsHere:
    """The accounts of this process, by their ids and by their rooms."""

    def __init__(self) -> None:
        self._accounts: dict[int, Account] = {}
        # The accounts are keys: a set takes twice the memory.
        self._in_room: dict[int, dict[Account, None]] = {}

    def __contains__(self, user_id: int | None) -> bool:
        return user_id in self._accounts

    def user_ids(self) -> list[int]:
        """Return the accounts."""
        return list(self._accounts)

    def enter(
        self, user_id: int, connection: OpenRooms, ignored: Set[str] = frozenset()
    ) -> Account:
        """Begin to tell a connection what happens in the rooms of its account, and return this.

        `ignored` is as the first connection of the account knows it; see `ignore`.
        """
        account = self._accounts.setdefault(user_id, Account(user_id, ignored))
        account.connections.append(connection)
        return account

    def leave(self, user_id: int, connection: OpenRooms) -> None:
        """Forget a connection, and the account with its last one."""
        if (account := self._accounts.get(user_id)) is None:
            return
        if connection in account.connections:
            account.connections.remove(connection)
        if not account.connections:
            del self._accounts[account.user_id]
            for room_id in account.rooms:
                self._leave_room(account, room_id)

    def _leave_room(self, account, room_id):
        accounts = self._in_room[room_id]
        accounts.pop(account, None)
        if not accounts:
            del self._in_room[room_id]

    def rooms_of(self, user_id: int) -> dict[int, RoomCounts]:
        """Return the rooms of an account that is here."""
        return self._accounts[user_id].rooms

    def views(self, user_id: int) -> list[tuple[OpenRooms, RoomFollower]]:
        """Return the connections of an account here with what they follow without being members."""
        account = self._accounts.get(user_id)
        return [
            (connection, follower)
            for connection in (account.connections if account else ())
            for follower in connection.followers.values()
            if follower.is_view
        ]

    def users_in(self, room_id: int) -> list[int]:
        """Return the accounts here that have a room."""
        return [account.user_id for account in self._in_room.get(room_id, ())]

    def ignored_in(self, room_ids: Iterable[int]) -> set[str]:
        """Return the keys of the people whom accounts here that have one of some rooms ignore."""
        accounts = (each for room_id in room_ids for each in self._in_room.get(room_id, ()))
        return {key for account in accounts for key in account.ignored}

    # Changes

    def load(self, user_id: int, summaries: Sequence[RoomSummary]) -> None:
        """Take the rooms of an account as they are; its clients know them."""
        if (account := self._accounts.get(user_id)) is None:
            return
        for room_id in account.rooms.keys() - {summary.id for summary in summaries}:
            self._forget(account, room_id)
        for summary in summaries:
            self._set(account, summary)

    def ignore(self, user_id: int, keys: Set[str]) -> bool:
        """Take the keys of the people whom an account ignores from now on.

        Returns whether they are others than before, so that its rooms have to be read again.
        """
        account = self._accounts.get(user_id)
        if account is None or account.ignored == keys:
            return False
        account.ignored = keys
        for counts in account.rooms.values():
            counts.stale = True
        return True

    def apply(
        self,
        user_id: int,
        room_id: int,
        summary: RoomSummary | None,
        spared: OpenRooms | None = None,
    ) -> None:
        """Take the present state of a room of an account, and tell its clients what is new.

        Without a summary or a role the account does not have the room. The connection `spared`
        knows already.
        """
        if (account := self._accounts.get(user_id)) is None:
            return
        account.version += 1
        known = account.rooms.get(room_id)
        if summary is None or summary.role is None:
            if known is not None:
                self._forget(account, room_id)
                self._tell(account, spared, lambda listener: listener.left(room_id, known.slug))
            return
        now = self._set(account, summary)
        if known is None:
            self._tell(account, spared, lambda listener: listener.joined(summary))
        elif known.features != now.features:
            self._tell(account, spared, lambda listener: listener.changed(summary))
        else:
            now.told = known.told
            # Fewer are unread when messages were removed, and others when they were edited.
            is_changed = now.unread < known.unread or now.mentions != known.mentions
            # The clients count the lobby themselves, and do not know whom the account ignores.
            is_changed |= known.stale
            if known.read != now.read or is_changed:
                self._tell(account, None, lambda listener: listener.read(now.reading(room_id)))

    def tell_left(self, user_id: int, room_id: int, slug: str) -> None:
        """Tell the clients of an account that it has left a room, which it does not have here."""
        if (account := self._accounts.get(user_id)) is not None:
            self._tell(account, None, lambda listener: listener.left(room_id, slug))

    def _set(self, account, summary):
        known, counts = account.rooms.get(summary.id), RoomCounts(summary)
        if known is not None:
            counts.had_at = known.had_at
        account.rooms[summary.id] = counts
        self._in_room.setdefault(summary.id, {})[account] = None
        return counts

    def _forget(self, account, room_id):
        del account.rooms[room_id]
        self._leave_room(account, room_id)

    def _tell(
        self, account: Account, spared: OpenRooms | None, tell: Callable[[RoomListener], None]
    ) -> None:
        for listener in account.listeners(spared):
            tell(listener)

    def count(self, talk: Talk) -> None:
        """Count what was said in a room, and tell the clients of all accounts that have it."""
        made: dict[tuple[int, int, int, bool], Activity] = {}
        for account in self._in_room.get(talk.room_id, ()):
            counts = account.rooms[talk.room_id]
            if counts.told >= talk.last:
                continue
            after = max(counts.told, counts.read)
            counts.count(account.user_id, talk, account.ignored)
            counts.told = talk.last
            line, is_mention = talk.told(account.user_id, after, account.ignored)
            key = counts.unread, counts.mentions, id(line), is_mention
            if key not in made:
                unread, mentions = counts.unread, counts.mentions
                made[key] = Activity(talk.room_id, talk.last, unread, mentions, line, is_mention)
            for listener in account.listeners(None):
                listener.active(made[key])
