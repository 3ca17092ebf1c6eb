"""The ranks of several people in several rooms, for lists: `ranks` reads them one by one."""

from collections.abc import Collection, Iterable

from chat.models import Membership, Room, User
from chat.room import roles
from chat.room.ranks import Authority, authority_in


class RanksOfMany:
    """The ranks of some accounts on the site and in some rooms, read by two statements.

    They are those of `authority_of`.
    """

    def __init__(self, users: Iterable[User | None], rooms: Collection[Room]) -> None:
        accounts = {user.pk for user in users if user is not None}
        memberships = Membership.objects.filter(user__in=accounts, room__in=rooms)
        self._roles = {
            (user_id, room_id): role
            for user_id, room_id, role in memberships.values_list("user", "room", "role")
        }
        self._with_permission = roles.with_permission(accounts)

    def on_site(self, user: User | None) -> Authority:
        """Return the rank of an account, or of a guest, on the site."""
        if user is None:
            return Authority.GUEST
        if user.is_superuser:
            return Authority.ADMINISTRATOR
        is_moderator = user.is_staff or (user.is_active and user.pk in self._with_permission)
        return Authority.SITE_MODERATOR if is_moderator else Authority.MEMBER

    def of(self, user: User | None, room: Room | None, *, everywhere: bool = False) -> Authority:
        """Return the rank of somebody in one of the rooms, or on the site without one.

        `everywhere` is as in `authority_of`.
        """
        on_site = self.on_site(user)
        if room is None or (everywhere and on_site is Authority.ADMINISTRATOR):
            return on_site
        return self.in_room(user, room)

    def in_room(self, user: User | None, room: Room) -> Authority:
        """Return the rank of an account, or of a guest, in one of the rooms."""
        if user is None:
            return Authority.GUEST
        return authority_in(room.kind, self._roles.get((user.pk, room.pk)), self.on_site(user))
