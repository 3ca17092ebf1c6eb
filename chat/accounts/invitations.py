"""Invitations: links with which people sign up, and land in a room.

Site moderators create them. A link is used until its time has come, its uses are spent, or somebody
revokes it. Members of the site follow it too, into the room that it leads to.
"""

from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from chat.accounts import events, lifecycle
from chat.accounts.events import NOBODY, Kind, Requester
from chat.models import Invitation, Membership, Message, Room, User
from chat.models.sign_up import MAX_TOKEN
from chat.room import log, membership, moderation_log, moderation_rules, sanctions
from chat.room.durations import LONGEST
from chat.room.moderation_log import Action, Door, Moderator, check_authority
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import Role, check_not_archived, role_of

MAX_USES = 10_000


class State(StrEnum):
    """The state of an invitation. Those who follow a link are not told that it was revoked."""

    USABLE = "usable"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USED_UP = "used_up"
    UNKNOWN = "unknown"


class Unusable(Exception):
    """An invitation cannot be used; `state` says why, as the person who follows it may know it."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = State.UNKNOWN if state is State.REVOKED else state


# Creating and revoking


@transaction.atomic
def create(
    moderator: Moderator,
    room_id: int | None = None,
    max_uses: int | None = None,
    expires: timedelta | None = None,
) -> Invitation:
    """Create an invitation that leads to a room, or to the lobby.

    `expires` is the time after which it ends. Raises `Refused`, also for a private room in which
    the moderator decides nothing, and ValueError for numbers of uses below 1 and above `MAX_USES`.
    """
    check_authority(moderator, Authority.SITE_MODERATOR)
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        raise ValueError(f"An invitation has 1 to {MAX_USES} uses, not {max_uses}.")
    if expires is not None and not timedelta() < expires <= LONGEST:
        raise Refused(RefusalCode.BAD_DURATION)
    room = None if room_id is None else _destination(moderator, room_id)
    now = timezone.now()
    invitation = Invitation.objects.create(
        room=room,
        by=moderator.name,
        created=now,
        expires=None if expires is None else now + expires,
        max_uses=max_uses,
    )
    moderation_log.record(
        moderator,
        Action.INVITE,
        room=room,
        until=invitation.expires,
        detail=f"{invitation_name(invitation)}, {uses_text(max_uses)}",
    )
    return invitation


def _destination(moderator, room_id):
    """Return a room to which the moderator may invite; None for the lobby, where everybody is."""
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    if room.is_lobby:
        return None
    if room.kind == Room.Kind.DIRECT:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    check_not_archived(room)
    if not _is_free(room):
        moderation_rules.check(moderator, Action.ADMIT, room)
    return room


@transaction.atomic
def revoke(moderator: Moderator, invitation_id: int) -> Invitation:
    """Let nobody use an invitation any more. Raises `Refused`, also if it is revoked already."""
    check_authority(moderator, Authority.SITE_MODERATOR)
    found = listed(None if moderator.is_operator else moderator.user).filter(pk=invitation_id)
    if (invitation := found.first()) is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    now = timezone.now()
    if not Invitation.objects.filter(pk=invitation_id, revoked=None).update(revoked=now):
        raise Refused(RefusalCode.DECIDED)
    invitation.revoked = now
    detail = invitation_name(invitation)
    moderation_log.record(moderator, Action.REVOKE, room=invitation.room, detail=detail)
    return invitation


def listed(user: User | None) -> QuerySet[Invitation]:
    """Return the invitations that a site moderator sees, the newest first; all for the operator.

    Those to private rooms are seen by the members of the room, and by superusers.
    """
    found = Invitation.objects.select_related("room").order_by("-created", "-pk")
    if user is None or user.is_superuser:
        return found
    mine = Membership.objects.filter(user=user).values("room")
    return found.filter(Q(room=None) | Q(room__kind=Room.Kind.OPEN) | Q(room__in=mine))


def state(invitation: Invitation) -> State:
    """Return whether an invitation can be used now, or why it cannot."""
    if invitation.revoked:
        return State.REVOKED
    if invitation.expires is not None and invitation.expires <= timezone.now():
        return State.EXPIRED
    if invitation.max_uses is not None and invitation.uses >= invitation.max_uses:
        return State.USED_UP
    return State.USABLE


def path(invitation: Invitation) -> str:
    """Return the address of an invitation within the site."""
    return reverse("invitation", kwargs={"token": invitation.token})


def invitation_name(invitation: Invitation) -> str:
    """Return how the logs call an invitation, whose token must stay secret."""
    return f"invitation {invitation.pk}"


def uses_text(max_uses: int | None) -> str:
    """Return how often an invitation can be used, in words."""
    if max_uses is None:
        return "any number of uses"
    return "1 use" if max_uses == 1 else f"{max_uses} uses"


# Using


def find(token: str) -> Invitation:
    """Return the invitation with a token. Raises `Unusable`."""
    is_possible = len(token) <= MAX_TOKEN and token.isascii() and token.isprintable()
    found = Invitation.objects.select_related("room").filter(token=token) if is_possible else None
    invitation = found.first() if found is not None else None
    if invitation is None:
        raise Unusable(State.UNKNOWN)
    if (present := state(invitation)) is not State.USABLE:
        raise Unusable(present)
    return invitation


def sign_up(
    token: str, username: str, password: str, email: str = "", requester: Requester = NOBODY
) -> tuple[User, Room | None]:
    """Create an account with an invitation, and let it join the room of the invitation.

    Returns the account and the room, if there is one. Raises `Unusable`, and NameTaken, which does
    not use the invitation.
    """
    invitation = find(token)
    user = lifecycle.new_user(username, password, email)  # before rooms are locked
    with transaction.atomic():
        log.lock_lobby()
        room = _lock_destination(invitation)
        _count_use(invitation)
        lifecycle.save_new(user)
        if room is not None:
            _let_in(room, user, invitation)
        events.record(Kind.SIGNED_UP, requester, user, invitation_name(invitation))
    return user, room


@transaction.atomic
def follow(token: str, user: User) -> Room | None:
    """Let an account join the room of an invitation, and return the room; None for no room.

    A member of the room follows the link without using it. Raises `Unusable`, and `Refused`.

    The lock of the lobby lets a mute on the whole site know all rooms of the account.
    """
    invitation = find(token)
    log.lock_lobby()
    room = _lock_destination(invitation)
    if room is None:
        return None
    if role_of(user, room) is None:
        sanctions.check_not_banned(room.pk, user=user)
        _count_use(invitation)
        _let_in(room, user, invitation)
    return room


def _count_use(invitation: Invitation) -> None:
    """Take one use of an invitation. Raises `Unusable` if somebody else has taken the last one."""
    usable = Invitation.objects.filter(
        Q(expires=None) | Q(expires__gt=timezone.now()),
        Q(max_uses=None) | Q(uses__lt=F("max_uses")),
        pk=invitation.pk,
        revoked=None,
    )
    if not usable.update(uses=F("uses") + 1):
        invitation.refresh_from_db()
        raise Unusable(state(invitation))


def _lock_destination(invitation: Invitation) -> Room | None:
    """Lock the room of an invitation and return it; None if the invitation leads there no more."""
    if invitation.room_id is None or not log.lock_many([invitation.room_id]):
        return None
    room = Room.objects.get(pk=invitation.room_id)
    return room if _leads_to(room, invitation) else None


def _leads_to(room: Room, invitation: Invitation) -> bool:
    """Return whether the person who has made an invitation may still let others into its room."""
    if room.archived or room.kind == Room.Kind.DIRECT:
        return False
    if _is_free(room) or not invitation.by:
        return True
    by = User.objects.filter(username=invitation.by, is_active=True).first()
    try:
        # A superuser may have made it in the admin, where they act in private rooms too.
        moderation_rules.check(Moderator(by, Door.ADMIN), Action.ADMIT, room)
    except Refused:
        return False
    return True


def _is_free(room: Room) -> bool:
    """Return whether every account may join a room."""
    return room.kind == Room.Kind.OPEN and not room.by_request


def _let_in(room, user, invitation):
    membership.add(room, user, Role.MEMBER)
    log.append(room, [membership.line(Message.Kind.JOINED, user, invitation.by)])
