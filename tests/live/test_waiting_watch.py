"""Processes tell moderators how many decisions wait for them."""

import asyncio

import pytest
from django.db import OperationalError

from chat.models import Report, User
from chat.room import reporting, reports, targets, waiting_counts
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
from tests.support.live_members import LiveMember
from tests.support.live_servers import running
from tests.support.moderating import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


async def welcome(server, user):
    """Let somebody in as a moderator, and return the member and the list of what it is told."""
    member, heard = await LiveMember().enter(server, user), []
    server.waiting.welcome(member.member, heard.append)
    return member.member, heard


async def look(*servers):
    for server in servers:
        await server.waiting.look()


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
            await look(here, there)
            assert (ann, phone, ben) == ([0], [0], [0])
            await here.database.write(report, garden, bob, carol)
            for _ in range(2):
                await look(here, there)
            assert (ann, phone, ben) == ([0, 1], [0, 1], [0])
            await there.database.write(dismiss)
            await look(here, there)
            assert (ann, phone, ben) == ([0, 1, 0], [0, 1, 0], [0])

    asyncio.run(journey())


def test_somebody_who_comes_later_is_told_the_present_number_and_nothing_after_leaving(
    garden, alice, bob, carol
):
    async def journey():
        async with running() as server:
            member, ann = await welcome(server, alice)
            await server.database.write(report, garden, bob, carol)
            await look(server)
            _, phone = await welcome(server, alice)
            await look(server)
            assert (ann, phone) == ([1], [1])
            await server.members.leave(member)
            await server.database.write(dismiss)
            await look(server)
            assert (ann, phone) == ([1], [1, 0])

    asyncio.run(journey())


def test_nothing_is_read_without_a_moderator_and_a_look_that_fails_is_made_again(
    garden, alice, monkeypatch
):
    async def journey():
        async with running() as server:
            with monkeypatch.context() as patched:
                patched.setattr(waiting_counts, "mark", be_away)
                await look(server)
                _, ann = await welcome(server, alice)
                with pytest.raises(OperationalError):
                    await look(server)
            await look(server)
            assert ann == [0]

    asyncio.run(journey())


def be_away(*arguments):
    raise OperationalError("the database is away")
