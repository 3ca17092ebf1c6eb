"""Processes find those who have become moderators of the site, whoever has made them so."""

import asyncio

import pytest
from django.contrib.auth.models import Group, Permission

from chat.models import User
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


def become_staff(user, on):
    User.objects.filter(pk=user.pk).update(is_staff=on)


def join_group(user, on):
    group = Group.objects.get(name="Moderators")
    (user.groups.add if on else user.groups.remove)(group)


def change_group(user, on):
    group = Group.objects.get(name="Members")
    moderate = Permission.objects.get(content_type__app_label="chat", codename="moderate")
    (group.permissions.add if on else group.permissions.remove)(moderate)


@pytest.fixture
def groups(bob):
    """A group of moderators, and one that bob belongs to, and that may do nothing."""
    moderate = Permission.objects.get(content_type__app_label="chat", codename="moderate")
    Group.objects.create(name="Moderators").permissions.add(moderate)
    bob.groups.add(Group.objects.create(name="Members"))


async def look(*servers):
    for server in servers:
        await server.ranks.compare()
        await server.watch.look()


@pytest.mark.parametrize("change", [become_staff, join_group, change_group])
def test_their_rooms_are_read_again_on_every_process(garden, alice, bob, groups, change):
    async def journey():
        async with running(2) as (here, there):
            ben = await LiveMember().enter(here, bob)
            phone = await LiveMember().enter(there, bob)
            ann = await LiveMember().enter(here, alice)
            everybody = (ben, phone, ann)
            for on in (True, False):
                for each in everybody:
                    each.notes.take()
                await look(here, there)
                assert [each.notes.take() for each in everybody] == [[], [], []]
                await here.database.write(change, bob, on)
                await look(here, there)
                changed = [("changed", garden.pk, ""), ("changed", here.rooms.lobby.pk, "")]
                assert [sorted(each.notes.take()) for each in (ben, phone)] == [sorted(changed)] * 2
                assert ann.notes.take() == []

    asyncio.run(journey())
