"""Direct rooms, which are identified by their people."""

from collections.abc import Iterable

MAX_DIRECT = 8  # people in a direct room, with the one who begins it


def direct_key(user_ids: Iterable[int]) -> str:
    """Return the key of the direct room of some people, which does not depend on their order."""
    return "-".join(map(str, sorted(user_ids)))
