"""Short forms for tests of moderation on the database, without servers."""

from datetime import timedelta

from django.contrib.auth.models import Group, Permission

from chat.models import User
from chat.room import log, presence
from chat.room.moderation_log import Door, Moderator
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from tests.support import moderation_entries

MINUTES = timedelta(minutes=10)
OPERATOR = Moderator(None, Door.COMMAND)


def on_page(user):
    return Moderator(user, Door.PAGE, "192.0.2.1")


def in_admin(user):
    return Moderator(user, Door.ADMIN, "192.0.2.1")


def site_moderator(name="serena"):
    """Return an account that moderates the site by a group, without being staff."""
    user = User.objects.create_user(name)
    group, _ = Group.objects.get_or_create(name="Moderators of a test")
    names = ["moderate", "view_addresses"]
    group.permissions.set(
        Permission.objects.filter(content_type__app_label="chat", codename__in=names)
    )
    user.groups.add(group)
    return user


def enter_from(address, *people, process):
    """Let accounts and guests enter from an address; return what `presence.enter` does."""
    return presence.enter(
        [
            Entrant(person.username, person.pk, process, "web", address=address)
            if isinstance(person, User)
            else Entrant(person, None, process, "legacy", address=address)
            for person in people
        ]
    )


def outcome(result):
    """Return the code of a refusal, or `said` for something that was said."""
    return str(result.code) if isinstance(result, Refused) else "said"


def notices(room):
    """Return the texts of the notices and the rules in the log of a room."""
    lines = log.after(room.pk, 0, 1000)
    return [line.text for line in lines if line.kind in ("notice", "rules")]


def entries():
    """Return (action, by, target) of the entries in the log of moderation."""
    return moderation_entries.entries("action", "by", "target")
