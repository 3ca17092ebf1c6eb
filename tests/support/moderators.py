"""The people who moderate in tests, and the doors from which they act."""

from chat.models import User
from chat.room.moderation_log import Door, Moderator


def operator():
    """Return the operator at the command line."""
    return Moderator(None, Door.COMMAND)


def at_admin(user):
    """Return an account that acts in the admin."""
    return Moderator(user, Door.ADMIN)


def at_page(user):
    """Return an account that acts on the pages of the site."""
    return Moderator(user, Door.PAGE)


def site_moderator(name="mona"):
    """Return a new site moderator, who acts on the pages."""
    return at_page(User.objects.create_user(name, is_staff=True))
