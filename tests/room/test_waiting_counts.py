"""The numbers of decisions that wait for many moderators."""

import pytest
from django.utils import timezone

from chat.models import Application, HeldMessage, JoinRequest, Membership, User
from chat.room import creation, membership, reporting, reports, targets, waiting_counts
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
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
    found = waiting_counts.of_accounts([user.pk for user in users])
    assert found == {user.pk: reports.waiting_count(user) for user in users}
    assert [found[user.pk] for user in users] == [6, 0, 0, 4, 6, 7]


def test_a_longer_list_of_moderators_needs_no_more_statements(
    garden, alice, bob, carol, dave, django_assert_num_queries
):
    report(garden, bob, carol)
    for users in ([alice], [alice, bob, carol, dave]):
        with django_assert_num_queries(8):
            waiting_counts.of_accounts([user.pk for user in users])


def test_the_accounts_are_not_looked_at_while_nothing_waits(
    garden, alice, bob, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert waiting_counts.of_accounts([alice.pk, bob.pk]) == {alice.pk: 0, bob.pk: 0}
