"""Hides the messages of the people whom a member ignores from that member."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from chat.live.database import Database
from chat.live.follower import Follower
from chat.live.group_read import GroupRead
from chat.live.ignoring_wire import IgnoringWire, bare, is_hidden
from chat.models import Line
from chat.names.keys import key_of
from chat.room import ignoring
from chat.room.ignoring import Ignorer
from chat.wire.interface import Wire

if TYPE_CHECKING:
    from chat.live.member import Member

ACCOUNTS_AT_ONCE = 500


class IgnoreList:
    """The people whom one member ignores, {key: name}.

    That of an account is kept in the database. That of a guest is kept here, while they stay.
    `followers()` are those that send lines to the member, and `on_change()` is called when the list
    has changed.
    """

    __slots__ = ("_database", "_followers", "_ignorer", "_names", "_on_change", "keys")

    def __init__(
        self,
        ignorer: Ignorer,
        names: Mapping[str, str],
        database: Database,
        followers: Callable[[], Iterable[Follower]],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._ignorer = ignorer
        self._database = database
        self._followers = followers
        self._on_change = on_change
        self._names = dict(names)
        self.keys = frozenset(names)

    @property
    def names(self) -> list[str]:
        """The names on the list, in their order."""
        return sorted(self._names.values(), key=str.lower)

    def listed(self, name: str) -> str | None:
        """Return the name on the list that looks like a name, if there is one."""
        return self._names.get(ignoring.key_of_typed(name))

    def hides(self, line: Line) -> bool:
        """Return whether the member is not shown what a line says."""
        return bool(self.keys) and is_hidden(line, self.keys)

    def wrap(self, wire: Wire) -> Wire:
        """Return the wire by which the member is sent lines."""
        return IgnoringWire(bare(wire), self.keys) if self.keys else bare(wire)

    async def ignore(self, name: str) -> str:
        """Put somebody on the list, and return their name. Raises `Refused` and `Unavailable`."""
        if self._ignorer.user_id is None:
            found = await self._database.read(ignoring.find, self._ignorer, name, self._names)
        else:
            found = await self._database.write(ignoring.ignore, self._ignorer, name)
        self.take(self._names | {key_of(found): found})
        return found

    async def stop_ignoring(self, name: str) -> str:
        """Take somebody off the list, and return their name. Raises the same."""
        found = ignoring.listed(name, self._names)
        if self._ignorer.user_id is not None:
            await self._database.write(ignoring.stop_ignoring, self._ignorer.user_id, name)
        self.take({key: each for key, each in self._names.items() if each != found})
        return found

    def take(self, names: Mapping[str, str]) -> None:
        """Take the present list. Lines that the member was sent before stay as they were."""
        if names == self._names:
            return
        self._names, self.keys = dict(names), frozenset(names)
        for follower in self._followers():
            follower.wire = self.wrap(follower.wire)
        self._on_change()


class IgnoreLists:
    """Reads the lists of the members of this process."""

    def __init__(self, database: Database, members: Mapping[int, "Member"]) -> None:
        self._database = database
        self._members = members
        self._read = GroupRead(database, ignoring.of_accounts, ACCOUNTS_AT_ONCE)

    async def read(self, user_id: int | None) -> Mapping[str, str]:
        """Return the list of an account, or of a guest who has just come. Raises `Unavailable`."""
        return {} if user_id is None else await self._read.get(user_id) or {}

    async def look(self) -> None:
        """Read all lists again, because pages and other processes change them."""
        accounts = {member.user_id for member in self._members.values()} - {None}
        some = sorted(user_id for user_id in accounts if user_id is not None)
        for start in range(0, len(some), ACCOUNTS_AT_ONCE):
            part = some[start : start + ACCOUNTS_AT_ONCE]
            found = await self._database.read(ignoring.of_accounts, part)
            for member in list(self._members.values()):
                if member.user_id is not None and part[0] <= member.user_id <= part[-1]:
                    member.ignoring.take(found.get(member.user_id, {}))
