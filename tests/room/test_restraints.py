"""Sanctions of networks, and the people on the site whom they concern."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Muted, User
from chat.room import moderation, targets
from tests.support.moderating import enter_from, on_page, site_moderator


@pytest.fixture
def root(transactional_db):
    return site_moderator("root")


def test_a_network_asks_for_the_ranks_of_all_its_people_at_once(lobby, root, process):
    taken = []
    for count in (1, 20):
        address = f"203.0.113.{count}"
        people = [User.objects.create_user(f"user{count}-{n}") for n in range(count)]
        enter_from(address, *people, process=process)
        with CaptureQueriesContext(connection) as captured:
            moderation.mute(on_page(root), targets.find(f"address:{address}"))
        taken.append(len(captured))
    assert Muted.objects.count() == 21
    assert taken[1] <= taken[0]


def test_people_enter_from_a_restrained_network_with_one_question_about_ranks(lobby, root, process):
    moderation.mute(on_page(root), targets.find("network:203.0.113.0/24"))
    taken = []
    for count in (1, 20):
        people = [User.objects.create_user(f"user{count}-{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            enter_from("203.0.113.7", *people, process=process)
        taken.append(len(captured))
    assert Muted.objects.count() == 21
    assert taken[0] == taken[1]
