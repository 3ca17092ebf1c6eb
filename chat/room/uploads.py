"""The rules of files: who may send them, say something with them and read them, and their end.

The row of an upload is there before its content is stored, and until after that was deleted. So
whenever a process is killed, everything in the storage belongs to a row, and is deleted with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from chat.files import storage
from chat.files.addresses import file_url, thumbnail_url
from chat.models import HeldMessage, Message, Room, Upload, User
from chat.room import access, roles, sanctions
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused

DAY = timedelta(days=1)
UNUSED_KEPT = DAY  # a file that was sent and is in no message
REMOVED_KEPT = DAY  # a file of a removed message, which may be restored
FILES_PER_DAY = 1000  # of one person
DELETED_AT_ONCE = 20
MEGABYTE = 1 << 20

# Sending


def begin(room_id: int, user: User, name: str, size: int) -> Upload:
    """Add the row of a file that a person is about to store in a room.

    Raises `Refused` when they may not read the room or say something there, except for slow mode,
    and when a limit is reached.
    """
    room = Room.objects.filter(access.readable_by(Reader(user.pk)), pk=room_id).first()
    if room is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    _check_may_speak(user, room)
    if _stored_size(Upload.objects.all()) + size > settings.UPLOAD_TOTAL_MB * MEGABYTE:
        raise Refused(RefusalCode.STORAGE_FULL)
    now = timezone.now()
    with transaction.atomic():
        # Files that one person sends at the same time are counted one after the other.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        today = Upload.objects.filter(owner=user, created__gt=now - DAY)
        too_large = _stored_size(today) + size > settings.UPLOAD_DAILY_MB * MEGABYTE
        if too_large or today.count() >= FILES_PER_DAY:
            raise Refused(RefusalCode.TOO_MANY_FILES)
        return Upload.objects.create(
            room=room, owner=user, name=name, size=size, created=now, expires=now + UNUSED_KEPT
        )


def _check_may_speak(user, room):
    """Raise `Refused` if a person who may read a room could not say a file there."""
    if room.archived:
        raise Refused(RefusalCode.ARCHIVED)
    sanctions.check_not_muted(user, room)
    if (room.locked or room.by_request) and not roles.moderating([(user.pk, room.pk)]):
        if roles.role_of(user, room) is None and room.by_request:
            raise Refused(RefusalCode.ASK_FIRST)
        if room.locked:
            raise Refused(RefusalCode.LOCKED)


def _stored_size(uploads):
    return uploads.aggregate(total=Sum("size"))["total"] or 0


def finish(upload: Upload) -> None:
    """Save what is known of a file after its content was stored, so that it can be used."""
    upload.is_stored = True
    upload.save(update_fields=["name", "type", "size", "width", "height", "is_stored"])


def describe(upload_id: str, user: User, alt: str) -> None:
    """Set the words that stand for an image, until it is said. Raises `Refused`."""
    own = Upload.objects.filter(pk=upload_id, owner=user, seq=None, is_stored=True)
    if not own.update(alt=alt):
        raise Refused(RefusalCode.NO_SUCH_FILE)


def discard(upload_id: str, user: User) -> None:
    """Delete a file soon that its owner does not want to say."""
    unused = Upload.objects.filter(pk=upload_id, owner=user, seq=None)
    unused.update(expires=timezone.now())


# Saying


def lock(upload_ids: Iterable[str]) -> dict[str, Upload]:
    """Lock uploads until the transaction ends, and return them by their ids.

    The rooms of the messages are locked before.
    """
    found = Upload.objects.filter(pk__in=list(upload_ids)).order_by("pk")
    return {upload.pk: upload for upload in found.select_for_update(no_key=True)}


def may_be_said(upload: Upload | None, room_id: int, user_id: int | None) -> bool:
    """Return whether a person may say something with an upload in a room: once, if it is theirs."""
    return (
        upload is not None
        and upload.is_stored
        and upload.seq is None
        and upload.room_id == room_id
        and user_id is not None
        and upload.owner_id == user_id
    )


def say(uploads: Sequence[Upload], seq: int) -> list[dict[str, Any]]:
    """Let a message have uploads, and return what its line says of them. `save` saves it."""
    for upload in uploads:
        upload.seq, upload.expires = seq, None
    return [facts(upload) for upload in uploads]


def save(uploads: Sequence[Upload]) -> None:
    """Save the messages of uploads."""
    Upload.objects.bulk_update(uploads, ["seq", "expires"])


def hold(upload_ids: Iterable[str]) -> None:
    """Keep uploads of a message that waits for a moderator."""
    Upload.objects.filter(pk__in=list(upload_ids), seq=None, is_stored=True).update(expires=None)


def let_go(upload_ids: Iterable[str]) -> None:
    """Delete uploads of a message that was refused, unless their owner says them soon."""
    unsaid = Upload.objects.filter(pk__in=list(upload_ids), seq=None, expires=None)
    unsaid.update(expires=timezone.now() + UNUSED_KEPT)


def facts(upload: Upload) -> dict[str, Any]:
    """Return what clients are told of a file."""
    told: dict[str, Any] = {
        "id": upload.pk,
        "name": upload.name,
        "type": upload.type,
        "size": upload.size,
        "url": file_url(upload.pk, upload.name),
    }
    if upload.is_image:
        size = {"width": upload.width, "height": upload.height}
        told |= size | {"thumbnail": thumbnail_url(upload.pk)}
    if upload.alt:
        told["alt"] = upload.alt
    return told


# Reading


def find(upload_id: str, user_id: int) -> Upload | None:
    """Return a file that an account may read now.

    It is that of a message in a room that the account may read, its own before it is said, or that
    of a message about which it decides as a moderator.
    """
    readable = Room.objects.filter(access.readable_by(Reader(user_id)), pk=OuterRef("room"))
    said = Q(seq__isnull=False, expires=None)
    own = Q(seq=None, owner=user_id)
    stored = Upload.objects.filter(pk=upload_id, is_stored=True)
    return stored.filter(said | own, Exists(readable)).first() or _waiting(stored, user_id)


def _waiting(uploads, user_id):
    """Return one of some uploads in a message that waits for this account as a moderator."""
    upload = uploads.filter(seq=None, expires=None).first()
    user = User.objects.filter(pk=user_id).first()
    if upload is None or user is None:
        return None
    moderated = Room.objects.filter(roles.moderated_by(user), pk=OuterRef("room"))
    waiting = HeldMessage.objects.filter(
        Exists(moderated),
        room=upload.room,
        user=upload.owner,
        decision=HeldMessage.Decision.WAITING,
    )
    return upload if any(upload.pk in held.files for held in waiting) else None


# The end


def expire(room_id: int, seqs: Sequence[int]) -> None:
    """Delete the files of removed messages later; until then nobody can read them."""
    of_messages = Upload.objects.filter(room=room_id, seq__in=seqs)
    of_messages.update(expires=timezone.now() + REMOVED_KEPT)


def keep(room_id: int, seqs: Sequence[int]) -> None:
    """Keep the files of messages that are restored."""
    Upload.objects.filter(room=room_id, seq__in=seqs, is_stored=True).update(expires=None)


def follow(messages: Iterable[Message]) -> None:
    """Let the files of messages that were removed or restored go or come with them."""
    changed: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for message in messages:
        if message.files:
            changed[message.room_id, message.removed].append(message.seq)
    for (room_id, is_removed), seqs in changed.items():
        (expire if is_removed else keep)(room_id, seqs)


def without_addresses(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a line still says of files that are deleted."""
    gone = ("url", "thumbnail", "alt")
    return [{name: value for name, value in each.items() if name not in gone} for each in files]


def forget_owner(user: User) -> None:
    """Delete all files of an account soon."""
    Upload.objects.filter(owner=user).update(owner=None, expires=timezone.now())


def expire_without_line() -> None:
    """Delete the files of messages soon that are not in the log any more."""
    oldest = Message.objects.filter(room=OuterRef("room")).order_by("seq").values("seq")[:1]
    Upload.objects.filter(expires=None, seq__lt=Subquery(oldest)).update(expires=timezone.now())


def delete_expired() -> bool:
    """Delete some of the files whose time has come. Returns whether there may be more.

    A file is marked first. So nobody can say or restore one whose content is being deleted. Raises
    what the storage raises.
    """
    due = Q(expires__lte=timezone.now()) | Q(room=None)
    some = list(Upload.objects.filter(due).values_list("pk", flat=True)[:DELETED_AT_ONCE])
    Upload.objects.filter(due, pk__in=some).update(is_stored=False, expires=F("created"))
    marked = Upload.objects.filter(due, pk__in=some, is_stored=False)
    for upload in marked:
        storage.delete(upload.keys)
    Upload.objects.filter(pk__in=[upload.pk for upload in marked]).delete()
    return len(some) == DELETED_AT_ONCE
