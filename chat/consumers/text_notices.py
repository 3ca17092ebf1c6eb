"""Hears what happens in the rooms of a text client in other ways than by its words."""

from chat.consumers.text_following import TextFollowing
from chat.live.room_listener import Activity, Reading
from chat.models import HeldMessage
from chat.room import sanctions
from chat.room.sanction_news import Expulsion
from chat.room.summaries import RoomSummary
from chat.wire import personal_lines, refusal_lines, room_lines


class TextNotices:
    """The `RoomListener` of a text client.

    It may hear of something late, when the room was joined or left once more: only the lines of the
    log say who may get them.
    """

    __slots__ = ("_following", "_lobby_id")

    def __init__(self, following: TextFollowing, lobby_id: int) -> None:
        self._following = following
        self._lobby_id = lobby_id

    def joined(self, summary: RoomSummary) -> None:
        """Follow a room that the account has joined at another door, or was invited to.

        The lines since then are sent too. A room that the client knows may have been lost since, so
        it is looked at too.
        """
        if summary.id != self._lobby_id:
            self._following.note_joined(summary)
            self._following.follow_if_joined(summary.id)

    def changed(self, summary: RoomSummary) -> None:
        """Heed the level of the member, who may have muted the room. A line says all else."""
        self._following.heed_level(summary)

    def left(self, room_id: int, slug: str) -> None:
        self._following.note_left(room_id)

    def told(self, about: str) -> None:
        self._following.tell(about, personal_lines.TOLD[about])

    def expelled(self, expulsion: Expulsion) -> None:
        """Tell the end and the reason, beside the line that the client is no longer there."""
        until = None if expulsion.until is None else sanctions.written_time(expulsion.until)
        notice = refusal_lines.expelled(
            room_lines.label(expulsion.slug, ()), until, expulsion.reason
        )
        self._following.tell(("expelled", expulsion.room_id), notice)

    def active(self, activity: Activity) -> None:
        """Do nothing: the lines come themselves."""

    def read(self, reading: Reading) -> None:
        """Do nothing: text clients do not show what was read."""

    def decided(self, held: HeldMessage) -> None:
        """Tell the reason of a refusal. The line of a released message comes itself."""
        if held.seq is None:
            self._following.tell(("held", held.pk), room_lines.refused(held.reason))
