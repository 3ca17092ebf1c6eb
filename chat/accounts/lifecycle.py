"""The life of an account: sign-up, changes of password and email address, and deletion."""

from collections.abc import Callable
from contextlib import suppress

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError

from chat.accounts import administrators, sessions
from chat.models import User
from chat.names.keys import key_of
from chat.names.reserved import is_reserved
from chat.names.usernames import DELETED_USER
from chat.room import connections, log, presence, transcript

DELETION_ROUNDS = 3  # attempts to delete an account that somebody activates meanwhile


class NameTaken(Exception):
    """The name, or one that looks the same, belongs to an account or to a guest who is here now."""


# Signing up


def sign_up(username: str, password: str, email: str = "") -> User:
    """Create an account for somebody who signs up. Raises NameTaken, also for reserved names."""
    if is_reserved(username) or is_taken(username):
        raise NameTaken(username)
    user = User(username=username, email=User.objects.normalize_email(email))
    user.set_password(password)  # before the rooms are locked, because hashing takes long
    return save_new(user)


def is_taken(username: str) -> bool:
    """Return whether an account or a guest who is here now has the name, or one like it."""
    key = key_of(username)
    return User.objects.filter(key=key).exists() or presence.is_guest_name_in_use(key)


def save_new(user: User) -> User:
    """Save a new account, whose password is set already. Raises NameTaken.

    A guest may have entered under the name while the password was hashed. A guest enters under the
    lock of the room, so no guest can enter while all rooms are locked.
    """
    try:
        with transaction.atomic():
            log.lock_all()
            if is_taken(user.username):
                raise NameTaken(user.username)
            user.save()
            return user
    except IntegrityError:
        raise NameTaken(user.username) from None


# Changing


def set_password(
    user: User,
    password: str | None,
    renew_session: Callable[[], sessions.RenewedSession] | None = None,
) -> None:
    """Set a password, and end the open connections of `user`, in one transaction.

    If `password` is None, nobody can sign in to the account until a new password is set.

    `renew_session` keeps one browser signed in: it is called inside the transaction, and renews the
    session of that browser. The connections of this session stay open.
    """
    user.set_password(password)  # before the rooms are locked, because hashing takes long
    with transaction.atomic():
        log.lock_all()
        user.save(update_fields=["password"])
        if renew_session is None:
            connections.disconnect(user_id=user.pk)
        else:
            sessions.disconnect_others(user, renew_session())


def change_email(user: User, email: str) -> None:
    """Set the email address of an account; an empty one removes it."""
    user.email = User.objects.normalize_email(email)
    user.save(update_fields=["email"])


# Ending


def deactivate(user: User) -> None:
    """Prevent a user from signing in, and end their sessions and open connections.

    Raises Refused for the last administrator. The account and its connections change in one
    transaction. The sessions end afterwards, because no room may wait until they are found.
    """
    close(user)
    sessions.end_all([user])


def close(user: User) -> None:
    """Deactivate a user, without ending the sessions. `sessions.end_all` does it for many at once.

    Raises Refused for the last administrator.
    """
    with transaction.atomic():
        log.lock_all()
        administrators.check_may_lose_rights(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        connections.disconnect(user_id=user.pk)


def activate(user: User) -> None:
    """Let a deactivated user sign in again. Sessions from before do not revive."""
    sessions.end_all([user])
    _set_active(user)


def _set_active(user):
    user.is_active = True
    user.save(update_fields=["is_active"])


def delete(user: User) -> None:
    """Delete an account. Its messages stay, under the name "deleted user".

    Raises Refused for the last administrator. If the deletion fails, an account that was active is
    active again, so that its owner can sign in and repeat it. Messages whose author was removed by
    then do not get it back.
    """
    administrators.check_may_lose_rights(user)
    was_active = user.is_active
    try:
        _delete_in_rounds(user)
    except BaseException:
        if was_active:
            # If the database is away, an administrator has to activate the account later.
            with suppress(DatabaseError):
                _set_active(user)
        raise


def _delete_in_rounds(user: User) -> None:
    """Take the account out of all rooms, then delete it.

    A transaction that changes a room must lock it before it touches other rows. So the rooms are
    left in a transaction of its own; afterwards no session of the account can open a connection.
    If an administrator activates the account in between and its owner enters, the deletion is
    protected, and the next round ends these connections too.
    """
    for remaining in reversed(range(DELETION_ROUNDS)):
        close(user)
        transcript.forget_author(user)
        try:
            with transaction.atomic():
                _keep_log_entries(user)
                user.delete()
        except ProtectedError:
            if not remaining:
                raise
        else:
            return


def _keep_log_entries(user):
    """Leave what an account did in the admin site to one that stands for all deleted accounts.

    Django's own entries would be deleted together with the account that made them.
    """
    entries = LogEntry.objects.filter(user=user)
    if entries.exists():
        entries.update(user=_deleted_user())


def _deleted_user():
    """Return the account that stands for deleted ones. Nobody can sign in to it."""
    placeholder, _ = User.objects.get_or_create(
        key=key_of(DELETED_USER),
        defaults={
            "username": DELETED_USER,
            "is_active": False,
            "password": make_password(None),
        },
    )
    return placeholder
