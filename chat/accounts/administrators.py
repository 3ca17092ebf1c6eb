"""The administrators of the site. There must always be at least one."""

from django.db.models import QuerySet

from chat.models import User
from chat.room.refusal import RefusalCode, Refused

RIGHTS = {"is_active": True, "is_staff": True, "is_superuser": True}  # all of them are needed


def administrators() -> QuerySet[User]:
    """Return the accounts that can administrate the site."""
    return User.objects.filter(**RIGHTS)


def is_last_administrator(user: User) -> bool:
    """Return whether nobody but `user` can administrate the site."""
    return administrators().filter(pk=user.pk).exists() and administrators().count() == 1


def check_may_lose_rights(user: User, by: User | None = None) -> None:
    """Raise Refused unless `user` may stop being an administrator.

    Deletion, deactivation and the loss of a right all ask this function. `by` is the administrator
    who makes the change in the admin site: there, administrators cannot end their own rights.
    """
    if user == by:
        raise Refused(RefusalCode.OWN_RIGHTS)
    if is_last_administrator(user):
        raise Refused(RefusalCode.LAST_ADMINISTRATOR)
