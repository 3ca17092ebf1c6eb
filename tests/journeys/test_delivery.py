"""Every member receives every line from entering on, once, in one order."""

import asyncio

import pytest

from tests.support.delivery import assert_all_agree, hold_conversation
from tests.support.servers import KINDS, Server

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_members_receive_a_thousand_messages_once_and_in_one_order(kind):
    with Server(kind) as server:
        outcome = asyncio.run(hold_conversation(server))
        server.assert_no_traceback()
    assert_all_agree(*outcome)


@pytest.mark.same_on_every_database
def test_members_of_two_processes_on_postgresql_and_redis_receive_the_same_lines(postgresql, redis):
    shared = {"DATABASE_URL": postgresql.create_migrated_database(), "REDIS_URL": redis.url}
    with Server("uvicorn", **shared) as first, Server("uvicorn", **shared) as second:
        outcome = asyncio.run(hold_conversation(first, second))
        first.assert_no_traceback()
        second.assert_no_traceback()
    assert_all_agree(*outcome)


@pytest.mark.same_on_every_database
def test_members_of_two_processes_on_sqlite_without_redis_receive_the_same_lines(tmp_path):
    shared = {"DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}"}
    with Server("uvicorn", **shared) as first, Server("uvicorn", **shared) as second:
        outcome = asyncio.run(hold_conversation(first, second))
        first.assert_no_traceback()
        second.assert_no_traceback()
    assert_all_agree(*outcome)
