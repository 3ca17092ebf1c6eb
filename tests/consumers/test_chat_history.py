"""The lines that a member gets from the past: pages of history, and what was missed."""

import json

import pytest

from tests.support.clients import TextMember, run_journey
from tests.support.delivery import whole_log

MAX_SIZE = 300_000  # bytes of a welcome or a page, with what surrounds its lines


def assert_heard(member, log):
    """Assert that a member has received every line since their entering once, in order.

    More lines may have come after the log was read.
    """
    last = log[-1]["seq"]
    assert [line for line in member.lines if line["seq"] <= last] == log[member.entered :]


def size(frame):
    """Return the size of a frame in bytes."""
    return len(json.dumps(frame, ensure_ascii=False).encode())


def test_history_is_given_in_pages_of_at_most_a_hundred(members):
    async def journey(alice):
        await alice.enter()
        for number in range(120):
            await alice.say(f"m{number}")
        last = alice.lines[-1]["seq"]
        page = await alice.ask("history", before=last + 1, limit=1000)
        assert [line["seq"] for line in page["lines"]] == list(range(last - 99, last + 1))
        assert page["more"] is True
        first = await alice.ask("history", before=2, limit=10)
        assert [line["seq"] for line in first["lines"]] == [1]
        assert first["more"] is False
        nothing = await alice.ask("history", before=0, limit=10)
        assert (nothing["lines"], nothing["more"]) == ([], False)
        far = await alice.ask("history", before=2**63 - 1, limit=1)
        assert last <= far["lines"][0]["seq"] <= alice.lines[-1]["seq"]
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_returning_member_gets_the_missed_lines_once(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        await alice.say("before")
        await bob.until_said("before")
        await bob.leave()
        for number in range(60):
            await alice.say(f"missed {number}")
        welcome = await bob.resume()
        assert welcome["reset"] is False
        missed = [line["text"] for line in welcome["lines"] if line["kind"] == "said"]
        assert missed == [f"missed {n}" for n in range(60)]
        await alice.say("after")
        await bob.until_said("after")
        assert_heard(bob, await whole_log(bob))
        await alice.leave()
        await bob.leave()

    run_journey(journey(*members(2)))


@pytest.mark.parametrize("after", ["999999999", "0", "-1", "x", "9" * 5000, "1.5", "٣"])
def test_a_member_who_cannot_resume_begins_anew(members, after):
    async def journey(alice):
        await alice.enter()
        for number in range(51):
            await alice.say(str(number))
        await alice.leave()
        welcome = await alice.enter(after=after)
        too_far = after != "0" or welcome["seq"] > 500
        assert welcome["reset"] is too_far
        assert len(welcome["lines"]) == (50 if too_far else welcome["seq"])
        assert welcome["lines"][-1]["seq"] == welcome["seq"]
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_client_that_counts_messages_sees_them_behind_many_comings_and_goings(server, members):
    """Each guest who enters and leaves makes two lines; 30 of them hide everything said before."""

    async def come_and_go(number):
        guest = TextMember(server, f"passer-by {number}")
        await guest.enter()
        await guest.leave()

    async def journey(alice, bob):
        await alice.enter()
        for number in range(55):
            await alice.say(f"message {number}")
        (first_said,) = [line["seq"] for line in alice.lines if line["text"] == "message 0"]
        for number in range(30):
            await come_and_go(number)
        await alice.until_line(
            lambda line: line["name"] == "passer-by 29" and line["kind"] == "left"
        )

        welcome = await bob.enter(count="messages")
        said = [line["text"] for line in welcome["lines"] if line["kind"] == "said"]
        assert said == [f"message {number}" for number in range(5, 55)]
        assert sum(run[2] for run in welcome["skipped"]) >= 31  # the guests, and bob
        assert_covered(welcome, welcome["lines"][0]["seq"], welcome["seq"])

        page = await bob.ask(
            "history", before=welcome["lines"][0]["seq"], limit=3, count="messages"
        )
        said = [line["text"] for line in page["lines"] if line["kind"] == "said"]
        assert said == ["message 2", "message 3", "message 4"]
        assert page["more"] is True

        page = await bob.ask("history", after=first_said, limit=2, count="messages")
        said = [line["text"] for line in page["lines"] if line["kind"] == "said"]
        assert said == ["message 1", "message 2"]
        assert page["more"] is True

        await bob.leave()
        welcome = await bob.enter(after=0, count="messages")
        if welcome["reset"]:  # the log is too long to be resumed from its beginning
            assert welcome["missed"] >= 5
        else:
            assert "missed" not in welcome
        await alice.leave()
        await bob.leave()

    run_journey(journey(*members(2)))


def assert_covered(frame, first, last):
    """Assert that the lines and the runs of a frame cover each number once."""
    covered = [line["seq"] for line in frame["lines"]]
    for run in frame["skipped"]:
        covered += range(run[0], run[1] + 1)
    assert sorted(covered) == list(range(first, last + 1))


def test_welcomes_and_pages_of_history_have_a_bounded_size(members):
    async def journey(alice, bob, carol):
        await alice.enter()
        await bob.enter()
        await bob.leave()
        for number in range(60):
            await alice.say(f"{number}" + "🙂" * 3900)
        last = alice.lines[-1]["seq"]
        welcome = await bob.resume()
        assert size(welcome) < MAX_SIZE
        assert (welcome["reset"], welcome["lines"][-1]["seq"]) == (False, welcome["seq"])
        assert welcome["seq"] < last
        await bob.until_line(lambda line: line["seq"] == last)
        first = (await carol.enter())["lines"]
        assert size(first) < MAX_SIZE
        assert first[-1]["seq"] == carol.entered
        page = await alice.ask("history", before=last + 1, limit=100)
        assert size(page) < MAX_SIZE
        assert page["more"] is True
        assert page["lines"][-1]["seq"] == last
        log = await whole_log(bob)
        assert_heard(bob, log)
        for member in (alice, bob, carol):
            await member.leave()

    run_journey(journey(*members(3)))


def test_a_long_history_for_a_guest_is_cut_to_its_newest_messages(server, members):
    async def journey(alice):
        await alice.enter()
        for number in range(40):
            await alice.say(f"{number}" + "🙂" * 3900)
        guest = TextMember(server, "grace")
        await guest.enter()
        before = len(guest.text)
        guest.write("history 200")
        guest.write("nonsense")
        await guest.until("nonsense", before)
        answer = guest.text[before:]
        assert answer.count("🙂" * 3900) == 16
        assert f"{alice.name}: 39🙂" in answer
        await guest.leave()
        await alice.leave()

    run_journey(journey(members(1)))
