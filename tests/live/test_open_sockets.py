"""The numbers of open sockets: in all, of each kind, and of each address."""

import asyncio

import pytest

from chat.live.open_sockets import MAX_REFUSED, OpenSockets, SocketKind
from tests.support.live import PATIENCE

pytestmark = pytest.mark.same_on_every_database

WEB, LEGACY, HTTP = SocketKind.WEB, SocketKind.LEGACY, SocketKind.HTTP
CLIENT = ("192.0.2.1", 5000)


@pytest.fixture(autouse=True)
def limits(settings):
    settings.MAX_WEB_CONNECTIONS = settings.MAX_LEGACY_CONNECTIONS = 0
    settings.MAX_CONNECTIONS_PER_ADDRESS = 3


def fill(sockets, kind, client=None):
    """Open sockets of a kind until one is refused; return those that were not."""
    opened = []
    while not (place := sockets.open(kind, client)).refused:
        opened.append(place)
    place.close()
    return opened


def counted(sockets, kind, *clients):
    """Open a socket for each client on which nobody is signed in; return which may stay open."""
    return [sockets.open(kind, client).count_for_address() for client in clients]


@pytest.mark.parametrize("full", SocketKind)
def test_a_kind_of_sockets_leaves_places_for_the_others(full):
    sockets = OpenSockets(capacity=80)
    fill(sockets, full)
    for other in set(SocketKind) - {full}:
        assert len(fill(sockets, other)) == sockets.limits[other] >= 10


def test_settings_limit_each_door(settings):
    settings.MAX_WEB_CONNECTIONS, settings.MAX_LEGACY_CONNECTIONS = 7, 5
    sockets = OpenSockets(capacity=80)
    assert len(fill(sockets, WEB)) == 7
    assert len(fill(sockets, LEGACY)) == 5


def test_all_sockets_together_are_limited_by_the_descriptors(settings):
    settings.MAX_WEB_CONNECTIONS = settings.MAX_LEGACY_CONNECTIONS = 1000
    sockets = OpenSockets(capacity=80)
    assert len(fill(sockets, WEB)) == 80
    assert fill(sockets, LEGACY) == []


def test_a_socket_that_was_refused_takes_the_place_of_nobody():
    sockets = OpenSockets(capacity=80)
    opened = fill(sockets, LEGACY)
    refused = [sockets.open(LEGACY, None) for _ in range(100)]
    assert all(place.refused for place in refused)
    opened.pop().close()
    assert not sockets.open(LEGACY, None).refused


def test_few_sockets_that_were_refused_are_kept_open_to_tell_them():
    sockets = OpenSockets(capacity=80)
    fill(sockets, WEB)
    refused = [sockets.open(WEB, None) for _ in range(MAX_REFUSED)]
    assert all(place.count_for_address() for place in refused)
    assert not sockets.open(WEB, None).count_for_address()


def test_an_address_has_few_sockets_on_which_nobody_is_signed_in():
    sockets = OpenSockets(capacity=80)
    assert counted(sockets, WEB, CLIENT, CLIENT) == [True, True]
    assert counted(sockets, LEGACY, CLIENT, CLIENT) == [True, False]
    assert counted(sockets, LEGACY, ("192.0.2.2", 5000)) == [True]
    assert counted(sockets, HTTP, CLIENT) == [True]


def test_a_network_of_ipv6_counts_as_one_address():
    sockets = OpenSockets(capacity=80)
    network = [(f"2001:db8::{number}", 5000, 0, 0) for number in range(4)]
    assert counted(sockets, LEGACY, *network) == [True, True, True, False]
    assert counted(sockets, LEGACY, ("2001:db8:0:1::1", 5000, 0, 0)) == [True]
    mapped = [("::ffff:192.0.2.9", 1, 0, 0), ("192.0.2.9", 2)] * 2
    assert counted(sockets, LEGACY, *mapped) == [True, True, True, False]


def test_a_client_without_an_address_has_limits_of_the_total_only():
    sockets = OpenSockets(capacity=80)
    assert all(counted(sockets, LEGACY, *[None] * 20))
    assert len(fill(sockets, LEGACY)) == 0


def test_a_socket_counts_for_its_address_until_it_is_closed_and_once_only():
    sockets = OpenSockets(capacity=80)
    places = [sockets.open(WEB, CLIENT) for _ in range(3)]
    for place in places:
        assert place.count_for_address() and place.count_for_address()
    assert not sockets.open(WEB, CLIENT).count_for_address()
    for _ in range(2):
        places[0].close()
    places[0].count_for_address()  # a close that is late does not count it again
    assert counted(sockets, WEB, CLIENT, CLIENT) == [True, False]
    assert sockets.open_by_kind[WEB] == 5


def test_members_do_not_count_for_their_address():
    sockets = OpenSockets(capacity=80)
    for _ in range(20):
        sockets.open(WEB, CLIENT)
    assert counted(sockets, WEB, CLIENT) == [True]


def test_a_stop_waits_for_the_sockets_of_both_doors_but_not_for_pages():
    async def scenario():
        sockets = OpenSockets(capacity=80)
        web, legacy, _ = (sockets.open(kind, None) for kind in (WEB, LEGACY, HTTP))
        waiting = asyncio.ensure_future(sockets.wait_closed(3600))
        for place in (web, legacy):
            await asyncio.sleep(0)
            assert not waiting.done()
            place.close()
        await asyncio.wait_for(waiting, PATIENCE)
        await asyncio.wait_for(sockets.wait_closed(3600), PATIENCE)

    asyncio.run(scenario())
