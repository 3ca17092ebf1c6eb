"""A conversation of many members on both doors, and the check that all received the same lines."""

import asyncio
import json
from itertools import cycle

from tests.support.clients import TextMember, WebMember
from tests.support.make_members import letters

SPEAKERS, MESSAGES = 10, 100  # each
MEMBERS = 50


def web_members(server, count, prefix="member"):
    """Make accounts on a running server and return a `WebMember` for each."""
    made = json.loads(server.python("-m", "tests.support.make_members", str(count), prefix))
    return [WebMember(server, name, session_key) for name, session_key in made]


async def hold_conversation(*servers):
    """Let members on all servers talk; return (the log, web members, legacy members)."""
    next_server = cycle(servers)
    web = web_members(servers[0], MEMBERS // 2)
    texts = [TextMember(next(next_server), f"guest{letters(n)}") for n in range(MEMBERS // 2)]
    for member in web:
        member.server = next(next_server)
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
    """Return the room's log from its first line, read page by page."""
    lines, before = [], member.lines[-1]["seq"] + 1
    while before > 1:
        page = await member.ask("history", before=before, limit=100)
        lines = page["lines"] + lines
        before = lines[0]["seq"]
        assert page["more"] == (before > 1)
    return lines


def assert_all_agree(log, web, texts):
    """Every member received every line after their own entering, once, in the order of the log."""
    assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
    assert sum(line["kind"] == "said" for line in log) == SPEAKERS * MESSAGES + 1
    for member in web:
        assert member.lines == log[member.entered :]
    for member in texts:
        entered = next(line["seq"] for line in log if line["name"] == member.name)
        assert member.text == "".join(_as_text(line) for line in log[entered:])


def _as_text(line):
    match line["kind"]:
        case "said":
            return f"{line['name']}: {line['text']}\n"
        case "entered":
            return f"{line['name']} has entered the room.\n"
    raise AssertionError(line)
