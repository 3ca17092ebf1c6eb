"""The removal of many messages at once, and its undoing, by moderators."""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from chat.models import Line, Message, Room, User
from chat.room import log, mentions, moderation_log, new_mentions, targets, uploads
from chat.room.moderation_log import Action, Door, Moderator
from chat.room.moderation_notices import OPERATOR

Kind = Message.Kind


@transaction.atomic
def remove(
    room_id: int, seqs: Sequence[int], by: User | None, *, moderator: Moderator | None = None
) -> int:
    """Remove messages: each becomes a tombstone, and a new line says that `by` removed it.

    Lines that are not messages or are removed already are skipped. Returns the number removed.
    `moderator` is given by doors other than the admin site; the operator has no account.
    """
    moderator = moderator or Moderator(by, Door.ADMIN)
    room = log.lock(room_id)
    found = Message.objects.filter(room=room, seq__in=seqs, kind=Kind.SAID, removed=False)
    messages = list(found.order_by("seq"))
    remove_found(room, [message.seq for message in messages], moderator)
    moderation_log.add(
        moderation_log.entry(moderator, Action.REMOVE, author, room, seq=message.seq)
        for message, author in zip(messages, targets.of_authors(messages), strict=True)
    )
    return len(messages)


def remove_found(room: Room, seqs: Collection[int], moderator: Moderator) -> list[Line]:
    """Remove messages of a locked room that are not removed yet, and return the lines about it."""
    Message.objects.filter(room=room, seq__in=seqs).update(removed=True)
    mentions.forget(room.pk, list(seqs))
    uploads.expire(room.pk, list(seqs))
    return log.append(room, _lines(Kind.REMOVED, seqs, moderator))


def restore_found(room: Room, messages: Sequence[Message], moderator: Moderator) -> None:
    """Restore removed messages of a locked room, with a line for each."""
    for message in messages:
        message.removed = False
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(removed=False)
    log.append(room, _lines(Kind.RESTORED, [each.seq for each in messages], moderator))
    mentions.replace(new_mentions.of_changed(messages))
    uploads.follow(messages)


def _lines(kind: Message.Kind, seqs: Iterable[int], moderator: Moderator) -> list[Line]:
    """Return the lines that say what has become of messages."""
    now = timezone.now()
    return [
        Line(
            kind=kind.value,
            name=moderator.name or OPERATOR,
            author_id=moderator.user_id,
            at=now,
            of=seq,
        )
        for seq in seqs
    ]
