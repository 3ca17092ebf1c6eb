"""Ranks: who may act on whom.

A superuser outranks staff, staff outrank members, and members outrank guests.
"""

from enum import IntEnum

from chat.models import User


class Rank(IntEnum):
    """The rank of a person on the site; a higher number outranks a lower one."""

    GUEST = 0
    MEMBER = 1
    STAFF = 2
    SUPERUSER = 3


def rank_of(user: User | None) -> Rank:
    """Return the rank of an account, or of a guest, who has none."""
    if user is None:
        return Rank.GUEST
    if user.is_superuser:
        return Rank.SUPERUSER
    return Rank.STAFF if user.is_staff else Rank.MEMBER


def may_act_on(actor: User | None, target: User | None) -> bool:
    """Return whether the rank of `actor` is high enough to act on `target`.

    A superuser may act on everybody; everybody else only on people of a lower rank. This says
    nothing about permissions: the caller checks whether `actor` may take the action at all.
    """
    rank = rank_of(actor)
    return rank is Rank.SUPERUSER or rank > rank_of(target)
