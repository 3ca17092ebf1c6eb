"""The numbers of decisions that wait for many moderators."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Application, HeldMessage, JoinRequest, Membership, User
from chat.room import creation, membership, reporting, reports, targets, waiting_counts
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
from tests.support import plans
from tests.support.moderating import site_moderator


@pytest.fixture
def dave(garden):
    """A moderator of the garden."""
    user = User.objects.create_user("dave")
    membership.join(garden.pk, user)
    Membership.objects.filter(room=garden, user=user).update(role="moderator")
    return user


def report(room, reporter, person):
    by = Reporter(reporter, reporter.username, Door.PAGE)
    return reporting.report(by, room.pk, None, targets.of_account(person), "rude")


def hold(room, user):
    person = {"user": user, "name": user.username, "key": user.key}
    return HeldMessage.objects.create(room=room, at=timezone.now(), **person)


def ask(room, user):
    return JoinRequest.objects.create(room=room, user=user, at=timezone.now())


def apply(name):
    user = User.objects.create_user(name, is_active=False)
    return Application.objects.create(user=user, at=timezone.now())


def test_they_are_those_that_each_moderator_sees(garden, cellar, stays, alice, bob, carol, dave):
    direct = creation.open_direct(bob, [carol])
    serena, warden = site_moderator(), User.objects.create_user("warden", is_staff=True)
    report(garden, bob, carol)
    report(garden, bob, dave)
    report(direct, bob, carol)
    report(cellar, alice, bob)
    hold(garden, carol)
    hold(garden, serena)
    hold(cellar, alice)
    ask(garden, serena)
    apply("newcomer")
    users = [alice, bob, carol, dave, serena, warden]
    found = waiting_counts.of_moderators()
    assert found.keys() <= {user.pk for user in users}
    counts = [found.get(user.pk, 0) for user in users]
    assert counts == [reports.waiting_count(user) for user in users] == [6, 0, 0, 4, 6, 7]


def test_more_moderators_need_no_more_statements(garden, bob, carol, django_assert_num_queries):
    report(garden, bob, carol)
    for name in ("erin", "frank"):
        User.objects.create_user(name, is_staff=True)
        with django_assert_num_queries(8):
            waiting_counts.of_moderators()


def test_accounts_that_moderate_nothing_are_not_read(garden, alice, bob, carol):
    serena = site_moderator()
    report(garden, bob, carol)
    User.objects.bulk_create(
        User(username=f"user{number}", key=f"user{number}") for number in range(2000)
    )
    if connection.vendor == "postgresql":
        plans.run("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        found = waiting_counts.of_moderators()
    (sql,) = [each["sql"] for each in captured if "is_staff" in each["sql"]]
    steps = "\n".join(plans.plan(sql))
    assert "user_is_staff" in steps
    assert not re.search(r"Seq Scan on chat_user account|SCAN account(?! USING)", steps), steps
    assert found == {alice.pk: 1, serena.pk: 1}


def test_the_accounts_are_not_looked_at_while_nothing_waits(
    garden, alice, bob, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert waiting_counts.of_moderators() == {}
