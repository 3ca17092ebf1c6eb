"""The log of moderation in tests."""

from chat.models import ModerationEntry


def entries(*fields):
    """Return the fields of all entries of the log of moderation, the oldest first."""
    return list(ModerationEntry.objects.order_by("pk").values_list(*fields))


def new_entries():
    """Return (action, by, target, door) of all entries, and delete them."""
    found = entries("action", "by", "target", "door")
    ModerationEntry.objects.all().delete()
    return found
