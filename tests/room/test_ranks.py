"""Ranks: a superuser outranks staff, staff outrank members, and members outrank guests."""

import pytest

from chat.models import User
from chat.room.ranks import Rank, may_act_on, rank_of
from tests.support.moderating import site_moderator

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


def test_a_superuser_may_act_on_everybody_and_others_on_lower_ranks_only(db):
    for user in filter(None, PEOPLE.values()):
        user.save()
    for actor in Rank:
        allowed = [target for target in Rank if may_act_on(PEOPLE[actor], PEOPLE[target])]
        is_allowed = Rank if actor is Rank.SUPERUSER else range(actor)
        assert allowed == [target for target in Rank if target in is_allowed]


def test_staff_and_moderators_of_the_site_may_not_act_on_each_other(db):
    staff, serena = User.objects.create_user("staff", is_staff=True), site_moderator()
    assert not may_act_on(staff, serena)
    assert not may_act_on(serena, staff)
    assert may_act_on(User.objects.create_superuser("root"), serena)
