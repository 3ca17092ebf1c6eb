"""Direct rooms: the people who have one together."""

from collections.abc import Iterable

MAX_DIRECT = 8  # people in a direct room, with the one who begins it


def direct_key(user_ids: Iterable[int]) -> str:
    """Return what stands for the people of a direct room, so that the same people have one."""
    return "-".join(map(str, sorted(user_ids)))
