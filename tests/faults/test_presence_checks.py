"""The judge's checks of presence find people that are listed wrongly."""

import asyncio

import pytest

from tests.faults import presence_checks
from tests.faults.samples import LOG, alice_with_the_log, answering, carol_with_a_run, crowd_of


@pytest.fixture
def alice():
    alice = alice_with_the_log()
    alice.connected = True
    return alice


@pytest.fixture
def carol():
    return carol_with_a_run()


def test_tables_with_exactly_those_connected_are_right(alice, carol):
    carol.closed = False
    two_connections = crowd_of(
        *(alice, alice),
        guests=[carol],
        people=["alice", "carol"],
        connections=["alice", "alice", "carol"],
    )
    assert presence_checks.presence_problems(two_connections) == ""
    assert asyncio.run(presence_checks.until_presence_is_right(two_connections, within=0)) < 1


@pytest.mark.parametrize(
    ("people", "connections", "problem"),
    [
        (["alice", "carol"], ["alice"], "gone, and still listed: 1, ['carol']"),
        ([], ["alice"], "connected, and not listed: 1, ['alice']"),
        (["alice"], ["alice", "alice"], "other numbers of connections: 1, ['alice']"),
        (["alice"], [], "other numbers of connections: 1, ['alice']"),
    ],
)
def test_wrong_tables_are_found(alice, carol, people, connections, problem):
    crowd = crowd_of(alice, guests=[carol], people=people, connections=connections)
    assert presence_checks.presence_problems(crowd) == problem
    with pytest.raises(AssertionError, match="wrong after"):
        asyncio.run(presence_checks.until_presence_is_right(crowd, within=0))


def test_a_client_whose_link_is_cut_is_not_connected(carol):
    carol.closed, carol.cut_off = False, True
    crowd = crowd_of(guests=[carol], people=["carol"], connections=["carol"])
    assert "gone, and still listed: 1" in presence_checks.presence_problems(crowd)


@pytest.mark.parametrize("names", [["alice", "carol"], [], ["alice", "alice"]])
def test_a_server_that_lists_others_is_found(alice, carol, names):
    alice.places = ["a server"]
    crowd = crowd_of(alice, guests=[carol], servers=["a server"])
    alice.look = answering(["alice"])
    asyncio.run(presence_checks.assert_servers_agree(crowd))
    alice.look = answering(names)
    with pytest.raises(AssertionError, match=r"look|twice"):
        asyncio.run(presence_checks.assert_servers_agree(crowd))


def test_somebody_who_is_left_in_the_table_is_found():
    empty, one = (crowd_of(people=people).site.database for people in ([], ["carol"]))
    asyncio.run(presence_checks.until_nobody_is_present(empty, within=0))
    with pytest.raises(AssertionError, match=r"not empty: .*carol"):
        asyncio.run(presence_checks.until_nobody_is_present(one, within=0))


def test_a_leaving_that_was_announced_is_found():
    presence_checks.assert_nobody_left(LOG[:4])
    with pytest.raises(AssertionError, match="announced: 1"):
        presence_checks.assert_nobody_left(LOG)
