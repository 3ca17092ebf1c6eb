"""Held messages: a moderator releases or refuses each message that waits.

A released message takes its number then, so that the log stays without a gap. All decisions about
the messages of a room lock the room, so that there is one for each message.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.models import HeldMessage, Message, Room
from chat.room import log, moderation_log, moderation_rules, roles, targets, transcript, uploads
from chat.room.moderation_log import Action, Moderator, clean_reason
from chat.room.refusal import RefusalCode, Refused
from chat.room.speakers import Speaker
from chat.room.transcript import Saying

Decision = HeldMessage.Decision

KEPT = timedelta(days=30)  # after the decision; longer than pages send a message again
DELETED_AT_ONCE = 500  # rows

# Lists


def waiting(moderator: Moderator) -> "QuerySet[HeldMessage]":
    """Return the messages of others that wait for this moderator, oldest first."""
    held = HeldMessage.objects.filter(_seen_by(moderator), decision=Decision.WAITING)
    if moderator.user is not None:
        held = held.filter(Q(user=None) | ~Q(user=moderator.user))
    return held.select_related("room", "user").order_by("at", "pk")


def _seen_by(moderator):
    """Return the condition on `HeldMessage` for those of the rooms that somebody moderates."""
    if moderator.sees_everything:
        return Q()
    if moderator.user is None:
        return Q(pk=None)
    rooms = Room.objects.filter(roles.moderated_by(moderator.user), pk=OuterRef("room"))
    return Q(Exists(rooms))


def of_accounts(user_ids: Sequence[int]) -> dict[int, list[HeldMessage]]:
    """Return {account: its messages that wait}, oldest first."""
    found: dict[int, list[HeldMessage]] = {user_id: [] for user_id in user_ids}
    mine = HeldMessage.objects.filter(user__in=list(found), decision=Decision.WAITING)
    for held in mine.order_by("pk"):
        if held.user_id is not None:
            found[held.user_id].append(held)
    return found


def decided(held_ids: Collection[int]) -> list[HeldMessage]:
    """Return the messages among some held ones about which somebody has decided."""
    held = HeldMessage.objects.filter(pk__in=held_ids)
    return list(held.exclude(decision=Decision.WAITING))


def delete_old() -> bool:
    """Delete some messages about which somebody has decided long ago, with their texts.

    Those that were released are in the log. Call it again when it returns True: there may be more.
    """
    oldest = timezone.now() - KEPT
    too_old = HeldMessage.objects.filter(decided__lt=oldest).order_by("decided")
    keys = list(too_old.values_list("pk", flat=True)[:DELETED_AT_ONCE])
    HeldMessage.objects.filter(pk__in=keys, decided__lt=oldest).delete()
    return len(keys) == DELETED_AT_ONCE


# Decisions


@transaction.atomic
def release(moderator: Moderator, held_id: int) -> int:
    """Say a message that waits, under the name of its author, and return its number.

    The author need not be there, and may be banned meanwhile. Raises `Refused`: DECIDED if somebody
    else has decided already, NO_SUCH_FILE if nothing is left of the message.
    """
    room, held = _lock(moderator, held_id, Action.RELEASE)
    seq = transcript.say_for(room, _saying(held), _author(held))
    _decide(held, moderator, Decision.RELEASED, seq=seq)
    moderation_log.record(moderator, Action.RELEASE, _target(held), room, seq=seq)
    return seq


@transaction.atomic
def refuse(moderator: Moderator, held_id: int, reason: str = "") -> None:
    """Do not say a message that waits; its author is told the reason. Raises `Refused`."""
    reason = clean_reason(reason)
    room, held = _lock(moderator, held_id, Action.REFUSE)
    uploads.let_go(held.files)
    moderation_log.record(moderator, Action.REFUSE, _target(held), room, reason=reason)
    _decide(held, moderator, Decision.REFUSED, reason=reason)


def _lock(moderator, held_id, action):
    """Lock the room of a message that this moderator may decide about, and return both."""
    held = HeldMessage.objects.filter(pk=held_id)
    room_id = held.values_list("room", flat=True).first()
    if room_id is None or not log.lock_many([room_id]):
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    found = held.filter(_seen_by(moderator)).select_related("room", "user").first()
    if found is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    moderation_rules.check(moderator, action, found.room, _target(found))
    if found.decision != Decision.WAITING:
        raise Refused(RefusalCode.DECIDED)
    return found.room, found


def _decide(held, moderator, decision, *, seq=None, reason=""):
    held.decision, held.seq, held.reason = decision, seq, reason
    held.decided, held.decided_by = timezone.now(), moderator.name
    held.save(update_fields=["decision", "seq", "reason", "decided", "decided_by"])


def _saying(held):
    """Return a held message as a saying, without what is gone: files, or the quoted message.

    Its author need not be connected.
    """
    files = _files(held)
    if held.files and not files and not held.text:
        raise Refused(RefusalCode.NO_SUCH_FILE)
    reply = Message.objects.filter(room=held.room, seq=held.reply, kind=Message.Kind.SAID)
    return Saying(
        held.room_id,
        connection_id=0,
        text=held.text,
        client_id=held.client_id,
        reply=held.reply if held.reply is not None and reply.exists() else None,
        files=tuple(files),
    )


def _files(held):
    if not held.files:
        return []
    present = uploads.lock(held.files)
    return [
        file
        for file in held.files
        if uploads.may_be_said(present.get(file), held.room_id, held.user_id)
    ]


def _author(held):
    """Return the author as a speaker. The message may be in the log, if it was sent once more."""
    said = Message.objects.filter(room=held.room, client_id=held.client_id, author=held.user)
    seq = said.values_list("seq", flat=True).first() if held.client_id and held.user else None
    name = held.name if held.user is None else held.user.username
    return Speaker(user_id=held.user_id, name=name, may_speak=True, restraint=None, seq=seq)


def _target(held):
    return targets.of_guest(held.name) if held.user is None else targets.of_account(held.user)
