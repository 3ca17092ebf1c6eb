"""Order and delivery: every member gets every line from entering on, once, in one order."""

import asyncio
import json
from itertools import cycle

import pytest

from tests.support.clients import TextMember, WebMember
from tests.support.make_members import letters
from tests.support.servers import KINDS, Server

SPEAKERS, MESSAGES = 10, 100  # each
MEMBERS = 50


def web_members(server, count, prefix="member"):
    made = json.loads(server.python("-m", "tests.support.make_members", str(count), prefix))
    return [WebMember(server, name, session_key) for name, session_key in made]


async def everything_is_heard(*servers):
    """Let members spread over the servers talk; (the log, web members, legacy members)."""
    where = cycle(servers)
    web = web_members(servers[0], MEMBERS // 2)
    texts = [TextMember(next(where), f"guest{letters(n)}") for n in range(MEMBERS // 2)]
    for member in web:
        member.server = next(where)
    for pair in zip(web, texts, strict=True):
        for member in pair:
            await member.enter()
    speakers = web[: SPEAKERS // 2] + texts[: SPEAKERS // 2]

    async def talk(speaker):
        for turn in range(MESSAGES):
            await speaker.say(f"{speaker.name} {turn}")

    await asyncio.gather(*(talk(speaker) for speaker in speakers))
    last = web[0]
    await last.say("the end")
    await asyncio.gather(*(member.until_said("the end") for member in web))
    await asyncio.gather(*(member.until(f"{last.name}: the end\n") for member in texts))
    log = await whole_log(last)
    for member in [*web, *texts]:
        await member.leave()
    return log, web, texts


async def whole_log(member):
    """The room's log from its first line, page by page."""
    lines, before = [], member.lines[-1]["seq"] + 1
    while before > 1:
        page = await member.ask("history", before=before, limit=100)
        lines = page["lines"] + lines
        before = lines[0]["seq"]
        assert page["more"] == (before > 1)
    return lines


def as_text(line):
    match line["kind"]:
        case "said":
            return f"{line['name']}: {line['text']}\n"
        case "entered":
            return f"{line['name']} has entered the room.\n"
    raise AssertionError(line)


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_members_hear_a_thousand_messages_once_and_in_one_order(kind):
    with Server(kind) as server:
        heard = asyncio.run(everything_is_heard(server))
        server.assert_no_traceback()
    assert_all_agree(*heard)


def test_so_do_members_of_two_processes_with_postgresql_and_redis(postgresql, redis):
    shared = {"DATABASE_URL": postgresql.create_database("delivery"), "REDIS_URL": redis.url}
    with Server("uvicorn", **shared) as first, Server("uvicorn", **shared) as second:
        heard = asyncio.run(everything_is_heard(first, second))
        first.assert_no_traceback()
        second.assert_no_traceback()
    assert_all_agree(*heard)


def test_so_do_members_of_two_processes_with_nothing_but_a_database(tmp_path):
    shared = {"DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}"}
    with Server("uvicorn", **shared) as first, Server("uvicorn", **shared) as second:
        heard = asyncio.run(everything_is_heard(first, second))
        first.assert_no_traceback()
        second.assert_no_traceback()
    assert_all_agree(*heard)


def assert_all_agree(log, web, texts):
    assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
    assert sum(line["kind"] == "said" for line in log) == SPEAKERS * MESSAGES + 1
    for member in web:
        assert member.lines == log[member.entered :]
    for member in texts:
        entered = next(line["seq"] for line in log if line["name"] == member.name)
        assert member.text == "".join(as_text(line) for line in log[entered:])
