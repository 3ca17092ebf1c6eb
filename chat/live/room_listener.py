"""The notices about the rooms of an account that a connection gets beside their lines."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from chat.models import HeldMessage, Line
from chat.room.sanction_news import Expulsion
from chat.room.summaries import RoomSummary


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """New lines in a room: the number of the last one, the counts of the account, and a message.

    `line` is the newest message that mentions the account, or else the newest one, without those
    that the account ignores; there may be none. Accounts with the same counts and message share one
    object, which has the hash of its identity: a line may contain lists, which have no hash.
    """

    room_id: int
    last: int
    unread: int
    mentions: int
    line: Line | None
    is_mention: bool = False  # whether the line mentions the account


class Reading(NamedTuple):
    """The read position of an account in a room, and the counts of the lines after it."""

    room_id: int
    seq: int
    unread: int
    mentions: int


class RoomListener(Protocol):
    """A door's part of a connection: it tells the client in the door's own form.

    All methods return at once.
    """

    def joined(self, summary: RoomSummary) -> None:
        """The account has become a member of a room."""

    def changed(self, summary: RoomSummary) -> None:
        """A room of the account has changed, or the account's place in it."""

    def left(self, room_id: int, slug: str) -> None:
        """The account is not a member of a room any more, or has hidden it."""

    def active(self, activity: Activity) -> None:
        """Lines were added to a room of the account besides the lobby."""

    def told(self, about: str) -> None:
        """A notice for the person, such as REPORT of `chat.room.personal_notices`."""

    def expelled(self, expulsion: Expulsion) -> None:
        """A moderator has kicked the person out of a room, or banned them from it."""

    def read(self, reading: Reading) -> None:
        """The account has read further in a room, or has marked lines as unread."""

    def decided(self, held: HeldMessage) -> None:
        """A moderator has released or refused a message of this connection."""
