"""The unread messages of the members who are here, counted in memory as they are said."""

from bisect import bisect_right
from collections.abc import Set
from functools import cached_property, lru_cache
from sys import intern

from chat.live.room_listener import Reading
from chat.models import Line
from chat.names.keys import key_of
from chat.room.ignoring import without_quote
from chat.room.moderation_log import Action
from chat.room.summaries import RoomSummary
from chat.room.unread import MAX_UNREAD, News


class RoomCounts:
    """A room of an account, up to the line `last`; the clients were told about it up to `told`.

    The clients know that the account had the room at the line `had_at`. A loss after it has to be
    told, even if the account has the room again. The counts are `stale` when the account ignores
    others than those without whose messages they were read. `may_ban` is what the clients were
    told; in the lobby only moderators of the site may.
    """

    __slots__ = (
        "features",
        "had_at",
        "last",
        "may_ban",
        "mentions",
        "read",
        "slug",
        "stale",
        "told",
        "unread",
    )

    def __init__(self, summary: RoomSummary) -> None:
        self.slug = intern(summary.slug)  # one text for all members of the room
        self.last = self.told = self.had_at = summary.last
        self.read = summary.read
        self.unread = summary.unread
        self.mentions = summary.mentions
        self.stale = False
        self.may_ban = Action.BAN in summary.moderate
        self.features = _shared(features(summary))

    def reading(self, room_id: int) -> Reading:
        return Reading(room_id, self.read, self.unread, self.mentions)

    def count(self, user_id: int, talk: "Talk", ignored: Set[str] = frozenset()) -> None:
        """Count what was said after `last`, which becomes larger.

        `ignored` are the keys of the people whose messages do not count.
        """
        after = max(self.last, self.read)
        self.unread = min(self.unread + talk.unread(user_id, after, ignored), MAX_UNREAD)
        self.mentions = min(self.mentions + talk.mentions(user_id, after, ignored), MAX_UNREAD)
        self.last = max(self.last, talk.last)


class Talk:
    """The messages of a room up to the line `last`, arranged to be counted for many accounts."""

    def __init__(self, room_id: int, last: int, news: News) -> None:
        self.room_id = room_id
        self.last = last
        self._lines = [(key_of(line.name), line) for line in news.lines]
        authors = {seq: author_id for seq, author_id, _ in news.said}
        self._names = [(seq, name) for seq, _, name in news.said]
        self._seqs = list(authors)
        self._own: dict[int | None, list[int]] = {}
        self._named: dict[int | None, list[int]] = {}  # None: all members
        for seq, author_id in authors.items():
            self._own.setdefault(author_id, []).append(seq)
        for seq, user_id in news.mentions:
            if user_id is None or user_id != authors.get(seq):
                self._named.setdefault(user_id, []).append(seq)

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        """The numbers of the messages by the keys of their authors' names."""
        found: dict[str, list[int]] = {}
        for seq, name in self._names:
            found.setdefault(key_of(name), []).append(seq)
        return found

    def told(
        self, user_id: int, after: int, ignored: Set[str] = frozenset()
    ) -> tuple[Line | None, bool]:
        """Return the message of which an account is told, and whether it mentions the account.

        It is the newest one that mentions the account and follows the number `after`, or else the
        newest one. Those of ignored people do not count. It quotes nothing of them, and is the same
        object for all accounts to whom that makes no difference.
        """
        naming = self._naming(user_id, after, ignored)
        found = next((line for _, line in self._lines if line.seq in naming), None)
        is_mention = found is not None
        if found is None:
            found = next((line for key, line in self._lines if key not in ignored), None)
        return None if found is None else without_quote(found, ignored), is_mention

    def unread(self, user_id: int, after: int, ignored: Set[str] = frozenset()) -> int:
        """Return how many messages of others, whom the account does not ignore, follow a number."""
        count = _after(self._seqs, after)
        if own := self._own.get(user_id):
            count -= _after(own, after)
        if ignored:
            count -= sum(_after(self._by_key.get(key, []), after) for key in ignored)
        return count

    def mentions(self, user_id: int, after: int, ignored: Set[str] = frozenset()) -> int:
        """Return how many of these messages mention the account."""
        return len(self._naming(user_id, after, ignored))

    def _naming(self, user_id, after, ignored):
        """Return the numbers of these messages."""
        if not self._named:
            return frozenset()
        hidden = {seq for key in ignored for seq in self._by_key.get(key, ())}
        silent = hidden.union(self._own.get(user_id, ()))
        to_all = {seq for seq in self._named.get(None, ()) if seq > after and seq not in silent}
        named = {seq for seq in self._named.get(user_id, ()) if seq > after and seq not in hidden}
        return to_all | named


def _after(seqs, after):
    return len(seqs) - bisect_right(seqs, after)


@lru_cache(maxsize=4096)
def _shared(number: int) -> int:
    """Return one object for equal numbers: most members of a room have the same features."""
    return number


def features(summary: RoomSummary) -> int:
    """Return a number for what a summary says besides its counts."""
    plain = summary._replace(last=0, read=0, unread=0, mentions=0)._asdict()
    return hash((*plain.pop("people"), *plain.values()))
