"""Undoing what other moderators have done, on the legacy port."""

import pytest
from channels.db import database_sync_to_async

from chat.accounts import access_keys
from chat.models import User
from chat.room import moderation, targets
from tests.support.moderating import in_admin
from tests.support.text_clients import enter, play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(keys):
    """The access keys, with one of erin, who moderates the site."""
    erin = User.objects.create_user("erin", is_staff=True)
    return keys | {"erin": access_keys.create(erin, "terminal")}


def test_what_a_higher_rank_has_done_is_not_undone_at_a_terminal(garden, keys):
    async def journey():
        ann, erin, dave = await enter(keys, "alice", "erin", "dave")
        for client in (erin, dave):
            await client.answer("join rose-garden")
        for client in (ann, erin):
            await client.answer("go rose-garden")
        assert "Muted dave in #rose-garden for good \n" in await erin.answer("mute dave")
        for line in ("unmute dave", "mute dave 1s"):
            assert "You may not do that \n" in await ann.answer(line)
        assert "dave may speak again \n" in await erin.answer("unmute dave")

    play(journey)


def test_a_moderator_is_told_at_a_terminal_what_still_holds(garden, keys):
    async def journey():
        (erin,) = await enter(keys, "erin")
        assert "Muted dave on the site for good \n" in await erin.answer("mute dave")
        await erin.answer("join rose-garden")
        await erin.answer("go rose-garden")
        assert "Muted dave in #rose-garden for good \n" in await erin.answer("mute dave")
        still = "Undone, but dave is still muted on the site \n"
        assert still in await erin.answer("unmute dave")

    play(journey)


def test_a_moderator_is_told_at_a_terminal_of_a_room_that_still_restrains(garden, keys):
    async def journey():
        erin, _ = await enter(keys, "erin", "dave")
        await database_sync_to_async(mute_in)(garden)
        assert "Muted dave on the site for good \n" in await erin.answer("mute dave")
        still = "Undone, but dave is still muted in #rose-garden \n"
        assert still in await erin.answer("unmute dave")

    def mute_in(room):
        root = in_admin(User.objects.create_superuser("root"))
        moderation.mute(root, targets.find("dave"), room.pk)

    play(journey)
