"""A server process keeps the addresses of those who enter, and deletes old ones."""

import asyncio
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from chat.live import address_keeper, timing
from chat.live.process import ServerProcess
from chat.models import Connection, SeenAddress
from chat.names import key_of
from chat.room import presence, seen_addresses
from chat.wire import frames

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_regular_job(monkeypatch):
    """Let processes store addresses only when a test says so."""
    monkeypatch.setattr(timing, "STORE_ADDRESSES", 3600)


def with_process(act):
    async def run():
        server = ServerProcess()
        await server.start()
        try:
            await act(server)
        finally:
            await server.stop()

    asyncio.run(run())


async def in_thread(function, *arguments):
    def call():
        with closing(connection):
            return function(*arguments)

    return await asyncio.to_thread(call)


async def enter_from(server, address, name, user=None):
    async def ignore(event):
        """The test does not look at what the member hears."""

    return await server.members.enter(
        name,
        user_id=user and user.pk,
        door=Connection.Door.WEB,
        wire=frames,
        send=ignore,
        close=lambda reason: None,
        address=address,
    )


def stored():
    """Return (key, account, address) of what is stored."""
    fields = SeenAddress.objects.values_list("key", "user_id", "address")
    return sorted(fields, key=lambda row: (row[1] is None, row[2]))


def test_the_addresses_of_those_who_enter_are_stored_after_it_and_at_the_stop(lobby, alice):
    async def act(server):
        await enter_from(server, "192.0.2.1", "alice", alice)
        await enter_from(server, "192.0.2.2", "alice", alice)
        await enter_from(server, "192.0.2.1", "alice", alice)
        await enter_from(server, "", "nowhere")
        assert await in_thread(stored) == []
        await server.addresses.store()
        assert len(await in_thread(stored)) == 2
        await enter_from(server, "2001:db8::1", "Zoë")

    with_process(act)
    assert stored() == [
        (alice.key, alice.pk, "192.0.2.1"),
        (alice.key, alice.pk, "192.0.2.2"),
        (key_of("Zoë"), None, "2001:db8::1"),
    ]


def test_addresses_wait_while_the_database_is_away(lobby, alice, monkeypatch):
    def fail(sightings):
        raise OperationalError("the database is away")

    async def act(server):
        await enter_from(server, "192.0.2.1", "alice", alice)
        with monkeypatch.context() as patched:
            patched.setattr(seen_addresses, "store", fail)
            with pytest.raises(OperationalError):
                await server.addresses.store()
        await server.addresses.store()
        assert len(await in_thread(stored)) == 1

    with_process(act)


def test_a_flood_of_names_does_not_fill_the_memory(lobby, monkeypatch):
    monkeypatch.setattr(address_keeper, "MAX_WAITING", 3)
    monkeypatch.setattr(address_keeper, "STORED_AT_ONCE", 2)

    async def act(server):
        for number in range(5):
            server.addresses.note(f"guest {number}", None, "192.0.2.1")

    with_process(act)
    assert sorted(key for key, *_ in stored()) == sorted(
        key_of(f"guest {number}") for number in range(3)
    )


def test_old_addresses_are_deleted_except_those_of_members_who_are_still_here(
    lobby, alice, settings, monkeypatch
):
    settings.ADDRESS_DAYS = 7
    monkeypatch.setattr(seen_addresses, "DELETED_AT_ONCE", 2)
    now = timezone.now()
    for number, age in enumerate((8, 8, 8, 6)):
        SeenAddress.objects.create(
            key="b", name="b", address=f"192.0.2.{number}", at=now - age * DAY
        )

    async def act(server):
        await enter_from(server, "192.0.2.9", "alice", alice)
        await server.addresses.store()
        await in_thread(lambda: SeenAddress.objects.filter(key=alice.key).update(at=now - 8 * DAY))
        await server.addresses.look()

    with_process(act)
    assert [address for *_, address in stored()] == ["192.0.2.9", "192.0.2.3"]


def test_the_address_of_somebody_who_never_came_in_is_not_kept(lobby, process):
    async def act(server):
        await enter_from(server, "192.0.2.1", "eve")
        with pytest.raises(presence.Refused):
            await enter_from(server, "192.0.2.2", "Eve")

    with_process(act)
    assert [address for *_, address in stored()] == ["192.0.2.1"]
