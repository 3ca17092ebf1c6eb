"""Removes the name of a deleted account from the logs, and deletes its files."""

from time import monotonic, sleep

from django.db import transaction

from chat.models import Message, User
from chat.names.usernames import DELETED_USER
from chat.room import log, uploads

Kind = Message.Kind

FORGOTTEN_PER_TRANSACTION = 1000  # lines of a deleted account


def forget_author(user: User) -> None:
    """Replace the author of an account's lines by the name "deleted user", in every room.

    Their name in the reactions to messages is replaced too. Messages keep their texts; their files
    are deleted, and only the names of the files remain. The lines are rewritten some at a time,
    each part in a transaction of its own, so that others can speak meanwhile. A repeated call
    continues where the last one ended. Until the end members may see either name.
    """
    for room_id in _rooms_naming(user):
        started = monotonic()
        while not _forget_some(room_id, user):
            # Pause for as long as others had to wait. SQLite's lock has no queue, so a writer that
            # asks again at once would nearly always get it first.
            sleep(monotonic() - started)
            started = monotonic()
    uploads.forget_owner(user)


def _rooms_naming(user):
    """Return the ids of the rooms with lines that say the name of an account, in their order."""
    parts = Message.objects.filter(author=user), _moved_by(user)
    return sorted({pk for part in parts for pk in part.values_list("room", flat=True).distinct()})


@transaction.atomic
def _forget_some(room_id, user):
    """Forget the author of some lines. Returns whether these were the last.

    After the last ones the room's `revision` changes, so that cached lines are read again.
    """
    log.lock(room_id)
    mine = Message.objects.filter(room_id=room_id, author=user)
    some = list(mine.values_list("pk", flat=True)[:FORGOTTEN_PER_TRANSACTION])
    _forget_reactions(room_id, user.username, some)
    _forget_files(some)
    _forget_notices(user.username, some)
    # The author is cleared too. Otherwise deleting the account would rewrite all of them again,
    # in one transaction.
    count = Message.objects.filter(pk__in=some).update(name=DELETED_USER, author=None)
    is_last = count < FORGOTTEN_PER_TRANSACTION
    if is_last:
        _forget_inviter(room_id, user)
        log.count_rewriting(room_id)
    return is_last


def _forget_reactions(room_id, name, lines):
    """Replace a name in the reactions to the messages that some lines react to."""
    reacted = Message.objects.filter(pk__in=lines, kind=Kind.REACTED)
    seqs = list(reacted.values_list("of", flat=True))
    for message in Message.objects.filter(room=room_id, seq__in=seqs, reactions__isnull=False):
        reactions = {
            emoji: [DELETED_USER if each == name else each for each in names]
            for emoji, names in message.reactions.items()
        }
        Message.objects.filter(pk=message.pk).update(reactions=reactions)


def _forget_inviter(room_id, user):
    """Replace an account's name on the lines of people whom it has invited or removed."""
    _moved_by(user).filter(room=room_id).update(text=DELETED_USER)


def _moved_by(user):
    """Return the lines of people whom an account has invited or removed.

    Staff may remove people from open rooms in which they have no line of their own.
    """
    return Message.objects.filter(kind__in=[Kind.JOINED, Kind.PARTED], text=user.username)


def _forget_files(some):
    """Take the addresses from the files of some messages."""
    with_files = list(Message.objects.filter(pk__in=some, files__isnull=False))
    for message in with_files:
        message.files = uploads.without_addresses(message.files)
    Message.objects.bulk_update(with_files, ["files"])


def _forget_notices(name, some):
    """Replace a name in the sentences about what moderators have done."""
    told = list(Message.objects.filter(pk__in=some, kind=Kind.NOTICE))
    for message in told:
        message.text = message.text.replace(name, DELETED_USER, 1)
    Message.objects.bulk_update(told, ["text"])
