"""A server is killed with `kill -9` between holding a message and the answer."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.delivery import web_members, whole_log
from tests.support.room_setup import manage, run_code
from tests.support.servers import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

DECIDE = "from tests.support.holding import *\n"


def test_a_message_is_held_once_and_said_once_although_its_answer_was_lost(tmp_path):
    trigger = tmp_path / "now"

    async def scenario(server):
        (member,) = await asyncio.to_thread(web_members, server, 1)
        await member.enter()
        frame = {"type": "say", "text": "hello", "client_id": str(uuid4())}
        trigger.touch()
        await member.send(**frame)
        await asyncio.to_thread(wait_until, lambda: not server.is_alive, "the server lives on")
        trigger.unlink()
        await asyncio.to_thread(server.start)
        welcome = await member.resume()
        assert [held["client_id"] for held in welcome["held"]] == [frame["client_id"]]
        await member.send(**frame)
        answer = await member.until_frame(lambda each: each["type"] == "held")
        assert answer["state"] == "waiting"
        assert await manage(server, DECIDE + "print(waiting_texts())") == "['hello']"
        await manage(server, DECIDE + "release('hello')")
        await member.until_said("hello")
        await member.send(**frame)
        await member.until_frame(lambda each: each["type"] == "said")
        said = [line["text"] for line in await whole_log(member) if line["kind"] == "said"]
        assert said == ["hello"]
        await member.leave()

    failing = f"committed={trigger}"
    with Server("serve", REDIS_URL="", HOLD_FIRST="1", CHATSITE_FAILPOINT=failing) as server:
        asyncio.run(asyncio.wait_for(scenario(server), 150))
        assert run_code(server, DECIDE + "print(waiting_texts())") == "[]"
        assert "is sound" in server.manage("check_database")
        server.assert_no_traceback()
