"""Messages that moderators remove: whether they may, and what the log of moderation says of it."""

from collections.abc import Iterable
from typing import NamedTuple

from chat.models import Message, Room, User
from chat.room import moderation_log, roles, targets
from chat.room.amendment import Amendment
from chat.room.doers import Doer
from chat.room.moderation_log import Action
from chat.room.moderation_rules import outranks

Kind = Message.Kind

ACTIONS = {Kind.REMOVED: Action.REMOVE, Kind.RESTORED: Action.RESTORE}


class MessageModerators:
    """The rights of those who change messages in one transaction. Each is read once."""

    def __init__(self) -> None:
        self._moderating: dict[tuple[int, int], bool] = {}
        self._outranked: dict[tuple[int, int | None, int], bool] = {}

    def moderates(self, room: Room, doer: Doer) -> bool:
        """Return whether somebody does in a room what moderators do."""
        if doer.user_id is None:
            return False
        pair = doer.user_id, room.pk
        if pair not in self._moderating:
            self._moderating[pair] = bool(roles.moderating([pair]))
        return self._moderating[pair]

    def may_remove(self, room: Room, doer: Doer, message: Message) -> bool:
        """Return whether somebody moderates a room, and outranks the author of a message there."""
        if doer.user_id is None or not self.moderates(room, doer):
            return False
        asked = doer.user_id, message.author_id, room.pk
        if asked not in self._outranked:
            by = moderation_log.on_page(User.objects.get(pk=doer.user_id))
            self._outranked[asked] = outranks(by, message.author, room.pk)
        return self._outranked[asked]


class ModeratedChange(NamedTuple):
    """A change of what somebody else has said, in a locked room."""

    amendment: Amendment
    message: Message
    room: Room


def record(changes: Iterable[ModeratedChange]) -> None:
    """Add an entry to the log of moderation for each change. Three statements serve all."""
    changes = list(changes)
    if not changes:
        return
    moderators = moderation_log.of_connections({each.amendment.connection_id for each in changes})
    authors = targets.of_authors([each.message for each in changes])
    moderation_log.add(
        moderation_log.entry(
            moderators[each.amendment.connection_id],
            ACTIONS[each.amendment.kind],
            author,
            each.room,
            seq=each.message.seq,
        )
        for each, author in zip(changes, authors, strict=True)
    )
