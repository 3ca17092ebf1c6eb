"""Rules that moderators set for a room: slow mode, the lock, and who may join.

Each is a line of the room and an entry in the log of moderation. All functions raise `Refused`.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.models import Line, Message, Room, Rule
from chat.room import log
from chat.room.moderation_log import Action, Moderator, check_authority, record
from chat.room.moderation_notices import OPERATOR
from chat.room.moderation_rules import check
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import check_not_archived, lock_room

MAX_SLOW = 6 * 60 * 60  # seconds
TELLS, TELLS_NOT = "tells of moderation", "does not tell of moderation"


def set_slow(moderator: Moderator, room_id: int, seconds: int) -> None:
    """Let everybody but moderators say one thing in so many seconds; 0 ends that."""
    if not 0 <= seconds <= MAX_SLOW:
        raise Refused(RefusalCode.BAD_DURATION)
    text = f"{Rule.SLOW.value} {seconds}" if seconds else Rule.NOT_SLOW.value
    _set(moderator, Action.SLOW, room_id, text, slow_seconds=seconds)


def set_locked(moderator: Moderator, room_id: int, locked: bool) -> None:
    """Let only moderators speak in a room, or everybody again."""
    action, rule = (Action.LOCK, Rule.LOCKED) if locked else (Action.UNLOCK, Rule.UNLOCKED)
    _set(moderator, action, room_id, rule.value, locked=locked)


def set_by_request(moderator: Moderator, room_id: int, by_request: bool) -> None:
    """Let moderators decide who may join an open room, or everybody join again."""
    rule = Rule.BY_REQUEST if by_request else Rule.NOT_BY_REQUEST
    _set(moderator, Action.RULES, room_id, rule.value, by_request=by_request)


@transaction.atomic
def set_tells(moderator: Moderator, room_id: int, tells: bool) -> None:
    """Decide whether lines tell a room what moderators do there. No line says that."""
    room = lock_room(room_id)
    check_authority(moderator, Authority.ROOM_OWNER, room_id)
    if (
        Room.objects.filter(pk=room_id)
        .exclude(tells_moderation=tells)
        .update(tells_moderation=tells)
    ):
        record(moderator, Action.RULES, room=room, detail=TELLS if tells else TELLS_NOT)


@transaction.atomic
def _set(moderator: Moderator, action: Action, room_id: int, text: str, **fields: Any) -> None:
    room = lock_room(room_id)
    check(moderator, action, room)
    check_not_archived(room)
    if Room.objects.filter(pk=room_id, **fields).exists():
        return
    Room.objects.filter(pk=room_id).update(**fields)
    log.append(room, [_line(moderator, text)])
    record(moderator, action, room=room, detail=text)


def _line(moderator, text):
    return Line(
        kind=Message.Kind.RULES.value,
        name=moderator.name or OPERATOR,
        author_id=moderator.user_id,
        at=timezone.now(),
        text=text,
    )
