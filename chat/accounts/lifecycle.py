"""The life of an account: sign-up, changes of password and email address, and deletion.

Each function records a security event. `requester` says who has asked for it. A `moderator`, who
does something to the account of somebody else, gets an entry in the log of moderation.
"""

from collections.abc import Callable
from contextlib import suppress

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError

from chat.accounts import access_keys, administrators, events, sessions
from chat.accounts.events import NOBODY, Kind, Requester
from chat.models import User
from chat.names.keys import key_of
from chat.names.reserved import is_reserved
from chat.names.usernames import DELETED_USER
from chat.room import (
    connections,
    forgetting,
    log,
    moderation_log,
    presence,
    seen_addresses,
    succession,
    targets,
)
from chat.room.moderation_log import Action, Moderator

DELETION_ROUNDS = 3  # attempts to delete an account that somebody activates meanwhile


class NameTaken(Exception):
    """The name, or one that looks the same, belongs to an account or to a guest who is here now."""


# Signing up


def sign_up(username: str, password: str, email: str = "", requester: Requester = NOBODY) -> User:
    """Create an account for somebody who signs up. Raises NameTaken, also for reserved names."""
    user = save_new(new_user(username, password, email))
    events.record(Kind.SIGNED_UP, requester, user)
    return user


def new_user(username: str, password: str, email: str = "") -> User:
    """Return an account for somebody who signs up, which is not saved yet. Raises NameTaken.

    Hashing the password takes long, so this is called before rooms are locked.
    """
    if is_reserved(username) or is_taken(username):
        raise NameTaken(username)
    user = User(username=username, email=User.objects.normalize_email(email))
    user.set_password(password)
    return user


def is_taken(username: str) -> bool:
    """Return whether an account or a guest who is here now has the name, or one like it."""
    key = key_of(username)
    return User.objects.filter(key=key).exists() or presence.is_guest_name_in_use(key)


def save_new(user: User) -> User:
    """Save a new account, whose password is set already. Raises NameTaken.

    A guest may have entered under the name while the password was hashed. Names are claimed under
    the lock of the lobby, so no guest can take the name now.
    """
    try:
        with transaction.atomic():
            log.lock_lobby()
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
    requester: Requester = NOBODY,
    kind: Kind = Kind.PASSWORD_CHANGED,
) -> None:
    """Set a password, and end the open connections of `user`, in one transaction.

    If `password` is None, nobody can sign in to the account until a new password is set.

    `renew_session` keeps one browser signed in: it is called inside the transaction, and renews the
    session of that browser. The connections of this session stay open. `kind` is that of the
    security event.
    """
    user.set_password(password)  # before the lobby is locked, because hashing takes long
    with transaction.atomic():
        log.lock_lobby()
        user.save(update_fields=["password"])
        if renew_session is None:
            connections.disconnect(user_id=user.pk)
        else:
            sessions.disconnect_others(user, renew_session())
        events.record(kind, requester, user, "" if password is not None else "no password")


def change_email(user: User, email: str, requester: Requester = NOBODY) -> None:
    """Set the email address of an account; an empty one removes it."""
    user.email = User.objects.normalize_email(email)
    user.save(update_fields=["email"])
    events.record(Kind.EMAIL_CHANGED, requester, user, "" if user.email else "no address")


# Ending


def deactivate(user: User, requester: Requester = NOBODY) -> None:
    """Prevent a user from signing in, and end their sessions and open connections.

    Raises Refused for the last administrator. The account and its connections change in one
    transaction. The sessions end afterwards, because the lobby must not wait until they are found.
    """
    close(user, requester)
    sessions.end_all([user])


def close(user: User, requester: Requester = NOBODY, moderator: Moderator | None = None) -> None:
    """Deactivate a user, without ending the sessions. `sessions.end_all` does it for many at once.

    Where the user was the only owner of a room, somebody else becomes one too. Raises Refused for
    the last administrator.
    """
    with transaction.atomic():
        _close(user)
        events.record(Kind.RIGHTS_CHANGED, requester, user, "is_active: off")
        _note(moderator, Action.DEACTIVATE, user)
    succession.find_owners(user)


def _close(user):
    with transaction.atomic():
        log.lock_lobby()
        administrators.check_may_lose_rights(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        connections.disconnect(user_id=user.pk)


def activate(user: User, requester: Requester = NOBODY, moderator: Moderator | None = None) -> None:
    """Let a deactivated user sign in again. Sessions and access keys from before do not revive."""
    sessions.end_all([user])
    access_keys.revoke_all(user)
    with transaction.atomic():
        _set_active(user)
        events.record(Kind.RIGHTS_CHANGED, requester, user, "is_active: on")
        _note(moderator, Action.ACTIVATE, user)
    succession.find_owners(user)


def _set_active(user):
    user.is_active = True
    user.save(update_fields=["is_active"])


def _note(moderator, action, user):
    """Add an entry to the log of moderation, unless the account belongs to who does it."""
    if moderator is not None:
        moderation_log.record(moderator, action, targets.of_account(user))


def delete(user: User, requester: Requester = NOBODY, moderator: Moderator | None = None) -> None:
    """Delete an account. Its messages stay, under the name "deleted user".

    It leaves its rooms. Where it was the only owner, somebody else becomes one.

    Raises Refused for the last administrator. If the deletion fails, an account that was active is
    active again, so that its owner can sign in and repeat it. Messages whose author was removed by
    then do not get it back.
    """
    administrators.check_may_lose_rights(user)
    was_active = user.is_active
    try:
        _delete_in_rounds(user, requester, moderator)
    except BaseException:
        if was_active:
            # If the database is away, an administrator has to activate the account later.
            with suppress(DatabaseError):
                _set_active(user)
        raise


def _delete_in_rounds(user: User, requester: Requester, moderator: Moderator | None) -> None:
    """Disconnect the account, let it leave its rooms, then delete it.

    A transaction that changes a room must lock it before it touches other rows. So the connections
    end in a transaction of its own; afterwards no session of the account can open a connection.
    If an administrator activates the account in between and its owner enters, the deletion is
    protected, and the next round ends these connections too.
    """
    for remaining in reversed(range(DELETION_ROUNDS)):
        _close(user)
        succession.leave_all(user)
        forgetting.forget_author(user)
        try:
            with transaction.atomic():
                succession.lock_memberships(user)
                _keep_log_entries(user)
                events.record(Kind.ACCOUNT_DELETED, requester, user)
                _note(moderator, Action.DELETE, user)
                seen_addresses.forget(user)
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
