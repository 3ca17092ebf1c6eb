"""Processes tell moderators how many decisions wait for them."""

import asyncio
from unittest.mock import Mock

import pytest
from django.db import OperationalError

from chat.live.waiting_watch import WaitingWatch
from chat.models import Report, User
from chat.room import membership, reporting, reports, succession, targets
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
from tests.support.live_members import LiveMember
from tests.support.live_servers import running
from tests.support.moderating import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


async def welcome(server, user):
    """Let somebody in, and return the member and the list of what it is told."""
    member, heard = await LiveMember().enter(server, user), []
    moderates = any(summary.moderate for summary in member.rooms)
    server.waiting.welcome(member.member, heard.append, moderates=moderates)
    return member.member, heard


async def count(*servers):
    for server in servers:
        await server.waiting.count()


def report(room, reporter, person):
    by = Reporter(reporter, reporter.username, Door.PAGE)
    reporting.report(by, room.pk, None, targets.of_account(person), "rude")


def dismiss():
    reports.dismiss(OPERATOR, Report.objects.get(state="open").pk)


@pytest.fixture
def carol(transactional_db):
    return User.objects.create_user("carol")


def test_moderators_on_every_process_are_told_when_the_number_changes(garden, alice, bob, carol):
    async def journey():
        async with running(2) as (here, there):
            _, ann = await welcome(here, alice)
            _, phone = await welcome(there, alice)
            _, ben = await welcome(here, bob)  # who moderates nothing
            await count(here, there)
            assert (ann, phone, ben) == ([0], [0], [])
            await here.database.write(report, garden, bob, carol)
            for _ in range(2):
                await count(here, there)
            assert (ann, phone, ben) == ([0, 1], [0, 1], [])
            await there.database.write(dismiss)
            await count(here, there)
            assert (ann, phone, ben) == ([0, 1, 0], [0, 1, 0], [])

    asyncio.run(journey())


def test_somebody_who_comes_later_is_told_the_present_number_and_nothing_after_leaving(
    garden, alice, bob, carol
):
    async def journey():
        async with running() as server:
            member, ann = await welcome(server, alice)
            await server.database.write(report, garden, bob, carol)
            await count(server)
            _, phone = await welcome(server, alice)
            await count(server)
            assert (ann, phone) == ([1], [1])
            await server.members.leave(member)
            await server.database.write(dismiss)
            await count(server)
            assert (ann, phone) == ([1], [1, 0])

    asyncio.run(journey())


def test_a_moderator_who_leaves_the_room_is_told_that_nothing_waits_any_more(
    garden, alice, bob, carol
):
    async def journey():
        async with running() as server:
            await server.database.write(membership.set_role, garden.pk, bob, "moderator", alice)
            await server.database.write(report, garden, alice, carol)
            _, ben = await welcome(server, bob)
            await count(server)
            await server.database.write(membership.part, garden.pk, bob)
            await count(server)
            assert ben == [1, 0]

    asyncio.run(journey())


def become_a_moderator(room, owner, user):
    membership.set_role(room.pk, user, "moderator", owner)


def succeed_the_owner(room, owner, user):
    succession.leave_all(owner)


def become_staff(room, owner, user):
    User.objects.filter(pk=user.pk).update(is_staff=True)


@pytest.mark.parametrize("rise", [become_a_moderator, succeed_the_owner, become_staff])
def test_somebody_who_becomes_a_moderator_while_connected_is_told(garden, alice, bob, carol, rise):
    async def journey():
        async with running() as server:
            _, ben = await welcome(server, bob)
            await server.database.write(report, garden, alice, carol)
            await count(server)
            assert ben == []
            await server.database.write(rise, garden, alice, bob)
            await count(server)
            assert ben == [1]

    asyncio.run(journey())


def test_somebody_who_is_no_moderator_any_more_is_told_that_nothing_waits(
    garden, alice, bob, carol
):
    async def journey():
        async with running() as server:
            await server.database.write(become_a_moderator, garden, alice, bob)
            await server.database.write(report, garden, alice, carol)
            _, ben = await welcome(server, bob)
            await count(server)
            await server.database.write(membership.set_role, garden.pk, bob, "member", alice)
            await count(server)
            assert ben == [1, 0]

    asyncio.run(journey())


class SlowDatabase:
    """A database that takes some seconds for each count, by the clock of the test."""

    def __init__(self, takes):
        self.now = 1000.0
        self.takes = takes
        self.is_away = False
        self.counts = 0

    async def read(self, of_moderators):
        self.now += self.takes
        if self.is_away:
            raise OperationalError("the database does not answer")
        self.counts += 1
        return {1: self.counts}


def test_a_member_who_leaves_during_a_count_is_told_nothing():
    class Leaving:
        async def read(self, of_moderators):
            watch.leave(member)
            return {1: 3}

    async def journey():
        watch.welcome(member, heard.append, moderates=True)
        await watch.count()
        watch.welcome(Mock(user_id=2), heard.append, moderates=True)
        watch.welcome(member, heard.append, moderates=True)
        await watch.count()
        assert heard == [0]

    watch, member, heard = WaitingWatch(Leaving()), Mock(user_id=1), []
    asyncio.run(journey())


def test_nothing_is_counted_without_a_member():
    async def journey():
        database = SlowDatabase(1)
        await WaitingWatch(database).look()
        assert database.counts == 0

    asyncio.run(journey())


def test_a_count_that_fails_is_made_again_after_a_pause():
    async def journey():
        database, heard = SlowDatabase(5.5), []
        watch = WaitingWatch(database, clock=lambda: database.now)
        watch.welcome(Mock(user_id=1), heard.append, moderates=True)
        database.is_away = True
        with pytest.raises(OperationalError):
            await watch.look()
        database.is_away = False
        database.now += 9
        await watch.look()
        assert heard == []
        database.now += 2
        await watch.look()
        assert heard == [1]

    asyncio.run(journey())


@pytest.mark.parametrize(("takes", "pause"), [(0.01, 0.2), (0.2, 4), (3, 10)])
def test_a_count_that_took_long_is_made_again_after_a_longer_pause(takes, pause):
    async def journey():
        database, heard = SlowDatabase(takes), []
        watch = WaitingWatch(database, clock=lambda: database.now)
        watch.welcome(Mock(user_id=1), heard.append, moderates=True)
        await watch.look()
        database.now += pause * 0.9
        await watch.look()
        assert heard == [1]
        database.now += pause * 0.2
        await watch.look()
        assert heard == [1, 2]

    asyncio.run(journey())
