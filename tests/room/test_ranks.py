"""Ranks: a superuser outranks staff, staff outrank members, and members outrank guests."""

import pytest

from chat.models import User
from chat.room.ranks import Rank, may_act_on, rank_of

pytestmark = pytest.mark.same_on_every_database

PEOPLE = {
    Rank.GUEST: None,
    Rank.MEMBER: User(username="member"),
    Rank.STAFF: User(username="staff", is_staff=True),
    Rank.SUPERUSER: User(username="superuser", is_staff=True, is_superuser=True),
}


@pytest.mark.parametrize("rank", Rank)
def test_an_account_or_a_guest_has_the_rank_of_its_rights(rank):
    assert rank_of(PEOPLE[rank]) is rank


def test_a_superuser_without_access_to_the_admin_is_still_a_superuser():
    assert rank_of(User(is_superuser=True)) is Rank.SUPERUSER


def test_an_inactive_account_keeps_its_rank():
    assert rank_of(User(is_staff=True, is_active=False)) is Rank.STAFF


@pytest.mark.parametrize("target", Rank)
def test_a_superuser_may_act_on_everybody(target):
    assert may_act_on(PEOPLE[Rank.SUPERUSER], PEOPLE[target])


@pytest.mark.parametrize("actor", [Rank.GUEST, Rank.MEMBER, Rank.STAFF])
def test_everybody_else_may_act_on_lower_ranks_only(actor):
    allowed = [target for target in Rank if may_act_on(PEOPLE[actor], PEOPLE[target])]
    assert allowed == [target for target in Rank if target < actor]
