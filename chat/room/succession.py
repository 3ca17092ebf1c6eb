"""The rooms of an account that is deleted or deactivated: others become their owners."""

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Value, When

from chat.models import Line, Membership, Message, Room, User
from chat.room import log, membership
from chat.room.roles import Role, lock_room

Kind = Message.Kind


def leave_all(user: User) -> None:
    """Let an account leave its rooms, each with a line, in a transaction for each room.

    Direct rooms stay as they are: the others keep them. The lobby is left by disconnecting. A
    repeated call continues where the last one ended.
    """
    lobby = Room.first()
    mine = Membership.objects.filter(user=user).exclude(room=lobby)
    rooms = mine.exclude(room__kind=Room.Kind.DIRECT).order_by("room")
    for room_id in rooms.values_list("room", flat=True):
        _leave(room_id, user)


@transaction.atomic
def _leave(room_id, user):
    room = lock_room(room_id)
    left, _ = Membership.objects.filter(room=room, user=user).delete()
    lines = [membership.line(Kind.PARTED, user)] if left else []  # or somebody was faster
    log.append(room, [*lines, *succeed(room)])


def find_owners(user: User) -> None:
    """Let somebody become an owner of each room of an account where no owner is active any more.

    An account that was deactivated keeps its role, for the time when it is active again. Rooms in
    which all members were deactivated get an owner when one of them is activated.
    """
    owners = Membership.objects.filter(room=OuterRef("room"), role=Role.OWNER, user__is_active=True)
    mine = Membership.objects.filter(user=user).exclude(room=Room.first())
    rooms = mine.exclude(room__kind=Room.Kind.DIRECT).exclude(Exists(owners)).order_by("room")
    for room_id in rooms.values_list("room", flat=True):
        _find_owner(room_id)


@transaction.atomic
def _find_owner(room_id):
    room = lock_room(room_id)
    log.append(room, succeed(room))


def succeed(room: Room) -> list[Line]:
    """Make somebody an owner of a locked room if it needs one, and return the line about it."""
    heir = _heir(room)
    if heir is None:
        return []
    Membership.objects.filter(room=room, user=heir).update(role=Role.OWNER)
    return [membership.line(Kind.ROLE, heir, Role.OWNER.value)]


def _heir(room: Room) -> User | None:
    """Return the member who becomes the owner of a room that has none; None if none is needed.

    It is the moderator who has been there for longest, or else the member. Accounts that are
    deactivated do not count.
    """
    active = Membership.objects.filter(room=room, user__is_active=True)
    if active.filter(role=Role.OWNER).exists():
        return None
    moderators_first = Case(When(role=Role.MODERATOR, then=Value(0)), default=Value(1))
    heir = active.select_related("user").order_by(moderators_first, "since", "pk").first()
    return heir.user if heir else None


def lock_memberships(user: User) -> None:
    """Lock the rows of an account's memberships, in the order in which read positions lock them."""
    mine = Membership.objects.filter(user=user).order_by("pk").select_for_update()
    list(mine.values_list("pk", flat=True))
