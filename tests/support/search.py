"""Short forms for tests of the search."""

from chat.room.access import Reader
from chat.search import hits, keeping


def index():
    """Index everything that was said."""
    while keeping.step().more:
        pass


def found(user, text, search=hits.newest, **options):
    """Return the texts of the messages that an account finds, or a guest without one."""
    reader = Reader(None if user is None else user.pk)
    return [hit.line.text for hit in search(text, reader, **options).hits]
