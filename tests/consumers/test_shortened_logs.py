"""Logs whose old lines were deleted by SQL: they begin later than with line 1, at both doors."""

import pytest

from tests.support.clients import TextMember, run_journey
from tests.support.delivery import web_members
from tests.support.servers import PATIENTLY, Server

pytestmark = pytest.mark.slow

MESSAGES = 40  # said before anything is deleted


@pytest.fixture
def server():
    with Server(**PATIENTLY) as server:
        yield server
        server.assert_no_traceback()


def delete(server, condition, *, restart=True):
    """Delete lines with a condition in SQL, and let the server begin anew unless told otherwise."""
    if restart:
        server.stop()
    statement = f"DELETE FROM chat_message WHERE {condition}"
    code = f"from django.db import connection; connection.cursor().execute({statement!r})"
    server.manage("shell", "-v0", "-c", code)
    if restart:
        server.start()


async def say_some(member):
    """Enter, say the messages, and return the number of the last one."""
    await member.enter()
    for number in range(MESSAGES):
        await member.say(f"message {number}")
    return member.lines[-1]["seq"]


def seqs(frame):
    return [line["seq"] for line in frame["lines"]]


def covered(frame):
    """Return the numbers that a frame covers with lines and runs."""
    numbers = seqs(frame)
    for first, last, *_ in frame["skipped"]:
        numbers += range(first, last + 1)
    return sorted(numbers)


def test_a_log_without_its_old_lines_is_read_from_its_oldest_line_on(server):
    async def journey(alice, bob):
        last = await say_some(alice)
        oldest = last - 9
        delete(server, f"seq < {oldest}")

        welcome = await bob.enter(after=3, count="messages")
        assert welcome["reset"] is True
        assert welcome["missed"] == 0
        assert covered(welcome) == list(range(oldest, welcome["seq"] + 1))

        page = await bob.ask("history", before=last + 1, limit=100)
        assert (seqs(page), page["more"]) == (list(range(oldest, last + 1)), False)
        page = await bob.ask("history", before=last + 1, limit=10)
        assert (seqs(page), page["more"]) == (list(range(oldest, last + 1)), False)
        page = await bob.ask("history", before=last + 1, limit=9)
        assert (seqs(page), page["more"]) == (list(range(oldest + 1, last + 1)), True)
        page = await bob.ask("history", before=oldest, limit=10)
        assert (page["lines"], page["more"]) == ([], False)

        counting = {"count": "messages"}
        page = await bob.ask("history", before=last + 1, limit=10, **counting)
        assert (covered(page), page["more"]) == (list(range(oldest, last + 1)), False)
        page = await bob.ask("history", before=oldest, limit=10, **counting)
        assert (covered(page), page["more"]) == ([], False)
        page = await bob.ask("history", after=0, limit=10, **counting)
        assert (covered(page), page["more"]) == (list(range(oldest, last + 1)), True)
        page = await bob.ask("history", after=0, limit=5)
        assert (seqs(page), page["more"]) == (list(range(oldest, oldest + 5)), True)

        guest = TextMember(server, "grace")
        await guest.enter()
        answer = await guest.ask("history 200", f"message {MESSAGES - 1}\n")
        assert answer.count(f"{alice.name}: ") == 10
        await guest.leave()
        await bob.leave()

    run_journey(journey(*web_members(server, 2)))


def test_members_stay_connected_and_resume_while_lines_are_deleted(server):
    async def journey(alice, bob):
        await bob.enter()
        last = await say_some(alice)
        await bob.until_line(lambda line: line["seq"] == last)
        await bob.leave()
        delete(server, f"seq <= {last}", restart=False)
        await alice.say("after the deletion")
        welcome = await bob.resume()
        assert welcome["reset"] is False
        page = await bob.ask("history", after=0, limit=100, count="messages")
        assert covered(page) == [line["seq"] for line in alice.lines if line["seq"] > last]
        assert bob.lines[1:] == alice.lines  # after the line of alice's entering
        await alice.leave()
        await bob.leave()

    run_journey(journey(*web_members(server, 2)))


def test_a_room_whose_lines_are_all_deleted_goes_on_counting(server):
    async def journey(alice, bob, carol):
        last = await say_some(alice)
        await alice.send(type="logout")
        await alice.until_closed()
        delete(server, "1 = 1")

        welcome = await alice.enter(after=last + 1)  # with the line of her own leaving
        assert (welcome["reset"], seqs(welcome)) == (False, [last + 2])
        welcome = await bob.enter(after=last - 5, count="messages")
        assert (welcome["reset"], welcome["missed"]) == (True, 0)
        assert covered(welcome) == [last + 2, last + 3]
        page = await bob.ask("history", before=last, limit=10, count="messages")
        assert (covered(page), page["more"]) == ([], False)
        welcome = await carol.enter()
        assert seqs(welcome) == [last + 2, last + 3, last + 4]
        line = await carol.say("the first of a new time")
        assert line["seq"] == last + 5
        for member in (alice, bob, carol):
            await member.leave()

    run_journey(journey(*web_members(server, 3)))


@pytest.mark.parametrize("count", [None, "messages"])
def test_a_hole_in_the_log_repeats_and_hides_no_line(server, count):
    """Nobody should delete these lines, for example all of one kind; but somebody may have."""

    async def journey(alice, bob):
        last = await say_some(alice)
        delete(server, f"seq BETWEEN {last - 20} AND {last - 11}")
        welcome = await alice.enter(after=last - 4, count=count)
        assert (welcome["reset"], seqs(welcome)) == (False, list(range(last - 3, last + 1)))
        welcome = await bob.enter(after=last - 15, count=count)
        assert welcome["reset"] is True
        assert seqs(welcome) == sorted(set(seqs(welcome)))
        page = await bob.ask("history", before=last, limit=20)
        assert seqs(page) == [*range(last - 30, last - 20), *range(last - 10, last)]
        await alice.leave()
        await bob.leave()

    run_journey(journey(*web_members(server, 2)))
