"""Names that neither guests nor people who sign up may have."""

from functools import lru_cache

from django.conf import settings

from chat.names.guests import claimed_keys
from chat.names.keys import key_of
from chat.names.usernames import DELETED_USER


def is_reserved(name: str) -> bool:
    """Return whether `name` claims a name of the setting `RESERVED_NAMES`, compared by key.

    Staff may create accounts with reserved names, and accounts that have such a name keep it.
    Nobody can have the name of deleted accounts. Source: chat/wire/README.md, D5.
    """
    return bool(claimed_keys(name) & _reserved_keys(tuple(settings.RESERVED_NAMES)))


@lru_cache(maxsize=1)
def _reserved_keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(key_of, (*names, DELETED_USER)))
