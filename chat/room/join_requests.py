"""Requests to be let into rooms whose moderators decide who may join."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import JoinRequest, Message, ModerationEntry, Room, User
from chat.room import (
    access,
    changes,
    log,
    membership,
    moderation_log,
    moderation_rules,
    sanctions,
    targets,
)
from chat.room.access import Reader
from chat.room.moderation_log import Action, Moderator, clean_reason
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import Role, check_not_archived, lock_room, moderated_by, role_of

MAX_REQUESTS = 20  # of one account that wait at the same time
ASK_AGAIN_AFTER = timedelta(days=1)  # since moderators have declined


# Asking


def join_or_ask(room_id: int, user: User) -> None:
    """Let an account join a room, or ask the moderators of the room if they decide about it.

    Raises `Refused`: with ASK_FIRST if the request waits now, and with TOO_SOON and their reason if
    they have declined one lately.
    """
    try:
        membership.join(room_id, user)
    except Refused as refusal:
        if refusal.code is RefusalCode.ASK_FIRST:
            ask(room_id, user)
        raise


@transaction.atomic
def ask(room_id: int, user: User) -> None:
    """Let an account wait for the moderators of a room. Asking again changes nothing."""
    room = lock_room(room_id)
    sanctions.check_not_banned(room_id, user=user)
    if not access.may_read(room_id, Reader(user.pk)):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    check_not_archived(room)
    mine = JoinRequest.objects.filter(user=user)
    if mine.filter(room=room).exists() or role_of(user, room) is not None:
        return
    _check_not_declined(room, user)
    if mine.count() >= MAX_REQUESTS:
        raise Refused(RefusalCode.TOO_MANY_ROOMS)
    JoinRequest.objects.create(room=room, user=user, at=timezone.now())


def _check_not_declined(room, user):
    entry = declined(user.pk).filter(room_id=room.pk).first()
    if entry is not None:
        left = entry.at + ASK_AGAIN_AFTER - timezone.now()
        raise Refused(RefusalCode.TOO_SOON, reason=entry.reason, wait=left.total_seconds())


def withdraw(room_id: int, user: User) -> None:
    """Take a request back, if there is one."""
    JoinRequest.objects.filter(room=room_id, user=user).delete()


def of_account(user_id: int) -> QuerySet[JoinRequest]:
    """Return the requests of an account that wait, the oldest first."""
    return JoinRequest.objects.filter(user=user_id).select_related("room").order_by("at", "pk")


def declined(user_id: int) -> QuerySet[ModerationEntry]:
    """Return the entries of the log that say where an account was lately not let in."""
    since = timezone.now() - ASK_AGAIN_AFTER
    entries = ModerationEntry.objects.filter(action=Action.DECLINE, target_id=user_id, at__gt=since)
    return entries.order_by("-pk")


# Deciding


def waiting(user: User) -> QuerySet[JoinRequest]:
    """Return the requests about which an account decides, the oldest first."""
    rooms = Room.objects.filter(moderated_by(user))
    found = JoinRequest.objects.filter(room__in=rooms, user__is_active=True)
    return found.select_related("room", "user").order_by("at", "pk")


@transaction.atomic
def admit(moderator: Moderator, request_id: int) -> None:
    """Make somebody who has asked for it a member of a room. Raises `Refused`.

    The lock of the lobby lets a mute on the whole site know all rooms of the person.
    """
    log.lock_lobby()
    request, room = _take(moderator, Action.ADMIT, request_id)
    check_not_archived(room)
    if sanctions.is_banned(room.pk, request.user):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if role_of(request.user, room) is None:
        membership.add(room, request.user, Role.MEMBER)
        kind = Message.Kind.JOINED
        log.append(room, [membership.line(kind, request.user, moderator.name)])
    moderation_log.record(moderator, Action.ADMIT, targets.of_account(request.user), room)


@transaction.atomic
def decline(moderator: Moderator, request_id: int, reason: str = "") -> None:
    """Do not let somebody who has asked for it into a room. Raises `Refused`."""
    reason = clean_reason(reason)
    request, room = _take(moderator, Action.DECLINE, request_id)
    target = targets.of_account(request.user)
    moderation_log.record(moderator, Action.DECLINE, target, room, reason=reason)
    changes.announce_account(request.user.pk)


def _take(moderator, action, request_id):
    """Delete a request, and return it with its room, which is locked."""
    request = JoinRequest.objects.select_related("user").filter(pk=request_id).first()
    if request is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    room = lock_room(request.room_id)
    moderation_rules.check(moderator, action, room)
    if not JoinRequest.objects.filter(pk=request_id).delete()[0]:
        raise Refused(RefusalCode.DECIDED)
    return request, room
