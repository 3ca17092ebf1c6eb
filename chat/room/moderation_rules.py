"""The rules of moderation: who may act on whom, and where.

Each action needs a rank, and on people a higher one than theirs. One function decides, `check`:
actions call it while the rooms are locked, and doors offer nothing that it would refuse.
"""

from chat.models import Membership, ModerationEntry, Room, User
from chat.room import log
from chat.room.moderation_log import Action, Door, Moderator
from chat.room.ranks import Authority, authority_in, authority_of
from chat.room.refusal import RefusalCode, Refused
from chat.room.targets import Target

SEE_ADDRESSES = "chat.view_addresses"  # the permission

# The rank that each action needs in a room. Actions that concern the whole site need that of site
# moderators. The order is that of menus.
LEAST = {
    Action.MUTE: Authority.ROOM_MODERATOR,
    Action.UNMUTE: Authority.ROOM_MODERATOR,
    Action.KICK: Authority.ROOM_MODERATOR,
    Action.BAN: Authority.ROOM_MODERATOR,
    Action.UNBAN: Authority.ROOM_MODERATOR,
    Action.PURGE: Authority.ROOM_MODERATOR,
    Action.UNPURGE: Authority.ROOM_MODERATOR,
    Action.SLOW: Authority.ROOM_MODERATOR,
    Action.LOCK: Authority.ROOM_MODERATOR,
    Action.UNLOCK: Authority.ROOM_MODERATOR,
    Action.RULES: Authority.ROOM_OWNER,
    Action.HANDLE: Authority.ROOM_MODERATOR,
    Action.DISMISS: Authority.ROOM_MODERATOR,
    Action.RELEASE: Authority.ROOM_MODERATOR,
    Action.REFUSE: Authority.ROOM_MODERATOR,
    Action.ADMIT: Authority.ROOM_MODERATOR,
    Action.DECLINE: Authority.ROOM_MODERATOR,
}
ABOUT_ENTERING = frozenset({Action.KICK, Action.BAN, Action.UNBAN})  # a room, or the site
ON_PEOPLE = ABOUT_ENTERING | {Action.MUTE, Action.UNMUTE, Action.PURGE, Action.UNPURGE}
# For site moderators these concern the whole site when they are done in the lobby.
WIDE_IN_LOBBY = frozenset({Action.MUTE, Action.UNMUTE, Action.PURGE, Action.UNPURGE})
# Everybody is in the lobby.
NOT_IN_LOBBY = frozenset({Action.RULES, Action.ADMIT, Action.DECLINE})
# Direct rooms belong to their people, and nobody can be taken out of them.
IN_DIRECT = frozenset(LEAST) - ABOUT_ENTERING - NOT_IN_LOBBY


def check(
    moderator: Moderator, action: Action, room: Room | None, target: Target | None = None
) -> None:
    """Raise `Refused` unless somebody may take an action in a room, or on the site without one."""
    is_lobby = room is not None and room.is_lobby
    kind = None if room is None else Room.Kind(room.kind)
    authority = moderator.authority(None if room is None else room.pk)
    if not _allows(action, authority, kind, is_lobby=is_lobby):
        is_hidden = authority < Authority.ROOM_MODERATOR and _is_hidden(moderator, room)
        raise Refused(RefusalCode.NO_SUCH_ROOM if is_hidden else RefusalCode.NOT_ALLOWED)
    if target is not None:
        _check_target(moderator, authority, room, target)


def _check_target(moderator, authority, room, target):
    if target.network:
        check_sees_addresses(moderator)
        return
    if target.user is not None and target.user == moderator.user:
        raise Refused(RefusalCode.NOT_ALLOWED)
    if _authority_of(target.user, moderator, None if room is None else room.pk) >= authority:
        raise Refused(RefusalCode.NOT_ALLOWED)


def _authority_of(user, moderator, room_id):
    """Return the rank of somebody on whom a moderator acts."""
    return authority_of(user, room_id, everywhere=moderator.acts_everywhere)


def check_may_undo(
    moderator: Moderator, room_id: int | None, entry: ModerationEntry | None
) -> None:
    """Raise `Refused` if somebody of a higher rank has done what an entry of the log says.

    The ranks are those of now, in the room or on the site. Without an entry there is no rank to
    respect.
    """
    if entry is None:
        return
    user = None if entry.by_id is None else User.objects.filter(pk=entry.by_id).first()
    by = Authority.GUEST if user is None else Moderator(user, Door(entry.door)).authority(room_id)
    if not may_undo(moderator.user_id, moderator.authority(room_id), entry, by):
        raise Refused(RefusalCode.NOT_ALLOWED)


def may_undo(
    user_id: int | None, authority: Authority, entry: ModerationEntry, by: Authority
) -> bool:
    """Return whether an account of a rank may undo what an entry of the log says.

    `by` is the rank of whoever has done it, that of a guest if the account is gone. What the
    operator has done can be undone by administrators.
    """
    if entry.by_id is None:
        return authority >= Authority.ADMINISTRATOR or entry.door != Door.COMMAND
    return entry.by_id == user_id or authority >= by


def outranks(moderator: Moderator, user: User | None, room_id: int | None = None) -> bool:
    """Return whether somebody has a higher rank than an account, or than a guest.

    This is for actions that need permissions of the admin site and no certain rank.
    """
    return moderator.authority(room_id) > _authority_of(user, moderator, room_id)


def check_sees_addresses(moderator: Moderator) -> None:
    """Raise `Refused` unless somebody may see the addresses of people, and act on networks."""
    if not sees_addresses(moderator):
        raise Refused(RefusalCode.NOT_ALLOWED)


def sees_addresses(moderator: Moderator) -> bool:
    """Return whether somebody may see the addresses of people."""
    if moderator.user is None:
        return moderator.is_operator
    is_of_site = moderator.authority() >= Authority.SITE_MODERATOR
    return is_of_site and moderator.user.has_perm(SEE_ADDRESSES)


def _is_hidden(moderator, room):
    """Return whether somebody must not learn that a room exists."""
    if room is None or room.kind == Room.Kind.OPEN:
        return False
    return not Membership.objects.filter(room=room, user=moderator.user).exists()


def _allows(action, authority, kind, *, is_lobby):
    """Return whether a rank is high enough for an action in a room of a kind, or on the site."""
    if (is_lobby and action in NOT_IN_LOBBY) or (
        kind == Room.Kind.DIRECT and action not in IN_DIRECT
    ):
        return False
    is_of_site = kind is None or (is_lobby and action in ABOUT_ENTERING)
    return bool(authority >= (Authority.SITE_MODERATOR if is_of_site else LEAST[action]))


# Offers of the doors


def may_moderate(
    user: User | None, target: Target | None, room_id: int | None, action: Action
) -> bool:
    """Return whether an account may take an action in a room, or on the site without one."""
    room = None if room_id is None else Room.objects.filter(pk=room_id).first()
    if room_id is not None and room is None:
        return False
    try:
        check(Moderator(user, Door.PAGE), action, room, target)
    except Refused:
        return False
    return True


def offered(user: User | None, room_id: int | None, target: Target | None = None) -> set[str]:
    """Return the actions that an account may take in a room, or on the site without one.

    They are values of `ModerationEntry.Action`. With a target they are those on people alone.
    """
    moderator = Moderator(user, Door.PAGE)
    room = None if room_id is None else Room.objects.filter(pk=room_id).first()
    if room_id is not None and room is None:
        return set()
    kind, is_lobby = (None, False) if room is None else (Room.Kind(room.kind), room.is_lobby)
    authority = moderator.authority(room_id)
    found = {each.value for each in LEAST if _allows(each, authority, kind, is_lobby=is_lobby)}
    if target is None:
        return found
    try:
        _check_target(moderator, authority, room, target)
    except Refused:
        return set()
    return found & {action.value for action in ON_PEOPLE}


def offered_on(
    authority: Authority, other: Authority, kind: str | None = None, *, is_lobby: bool = False
) -> set[str]:
    """Return the actions that a rank allows on somebody of another rank.

    They are for a room of a kind, or for the site without one. Nothing is read, so that this serves
    for many people at once.
    """
    if other >= authority:
        return set()
    return {each.value for each in ON_PEOPLE if _allows(each, authority, kind, is_lobby=is_lobby)}


def actions_of(
    kind: str, role: str | None, *, is_lobby: bool, is_site_moderator: bool
) -> tuple[str, ...]:
    """Return the same for a room of a kind and the role of an account there, in one order.

    Nothing is read, so that this serves for many rooms at once.
    """
    on_site = Authority.SITE_MODERATOR if is_site_moderator else Authority.MEMBER
    authority = authority_in(kind, role, on_site)
    return tuple(
        action.value for action in LEAST if _allows(action, authority, kind, is_lobby=is_lobby)
    )


# The place of an action


def place(moderator: Moderator, action: Action, room_id: int | None) -> Room | None:
    """Return the room that an action named for a room concerns; None for the whole site.

    People are kicked and banned from the lobby by leaving the site. Site moderators who mute or
    purge there mean the whole site. Raises `Refused`.
    """
    if room_id is None:
        return None
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return None if room.is_lobby and _is_of_site(moderator, action) else room


def _is_of_site(moderator, action):
    if action in ABOUT_ENTERING:
        return True
    return action in WIDE_IN_LOBBY and moderator.authority() >= Authority.SITE_MODERATOR


def lock_place(moderator: Moderator, action: Action, room_id: int | None) -> Room | None:
    """Return the same after locking the lobby, which guards who is here, and the room."""
    log.lock_lobby()
    room = place(moderator, action, room_id)
    if room is not None:
        log.lock(room.pk)
        room.refresh_from_db()
    return room
