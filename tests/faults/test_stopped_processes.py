"""Server processes are stopped, restarted and frozen while people talk."""

import asyncio
import signal
import time

import pytest

from tests.faults.client_checks import guest_bytes, renderings
from tests.faults.figures import allowed, note_recovery
from tests.faults.judge import Expectations
from tests.faults.waiting import until, until_time

RESTART_CODE = 4012
STOPPED_WITHIN = 15  # seconds
LONGEST_RETRY_IN = 10  # seconds
FROZEN_FOR = 40  # seconds
NOTICED_WITHIN = 10  # seconds until a process knows that the others took it for dead


def test_a_server_that_is_told_to_stop_sends_everything_and_announces_no_member(
    play, figures, full
):
    """F13: SIGTERM to one of two servers, 100 messages/s."""
    member_count, guest_count = (180, 20) if full else (90, 10)

    async def scenario(site, crowd):
        await crowd.gather(member_count, guest_count)
        first, second = site.servers
        members = [member for member in crowd.members if member.place is first]
        guests = [guest for guest in crowd.guests if guest.place is first]
        others = [client for client in crowd.everybody if client.place is second]
        # The kernel resets a connection that is closed with a command unread.
        speakers = [*crowd.members[:20], *(one for one in crowd.guests[:5] if one not in guests)]
        async with crowd.talking(100, speakers=speakers):
            await crowd.until_acknowledged(300)
            stopped = time.monotonic()
            first.process.send_signal(signal.SIGTERM)
            status = await asyncio.to_thread(first.process.wait, allowed(STOPPED_WITHIN, full))
            took = time.monotonic() - stopped
            await crowd.until_acknowledged(300)
            await crowd.until_back()
        note_recovery(figures, crowd, stopped)
        figures.note(f"the server had ended after {took:.1f} s")
        assert took < allowed(STOPPED_WITHIN, full)
        assert status == 0, first.output[-2000:]
        assert_told_to_come_back(members)
        assert all(guest.closed for guest in guests)
        assert not [guest for guest in guests if guest.was_reset]
        await site.start(first)

        def also(log):
            assert_members_stayed(crowd, log)
            assert_guests_had_all_lines(guests, members, log)

        return Expectations(undisturbed=others, also=also)

    play(scenario)


def assert_told_to_come_back(members):
    """Assert that members were closed for a restart, and told to come back at several times."""
    codes = {member.ends[0].code for member in members}
    assert codes == {RESTART_CODE}, f"closed with {codes}"
    waits = [member.ends[0].bye["retry_in"] for member in members]
    assert all(0 <= wait <= LONGEST_RETRY_IN for wait in waits)
    assert len(set(waits)) > 1, "they would all come back at the same moment"


def assert_members_stayed(crowd, log):
    """Assert that each member has entered once, and that only guests have left."""
    names = [line.name for line in log if line.kind == "entered" and not line.guest]
    assert sorted(names) == sorted(member.name for member in crowd.members)
    left = [line for line in log if line.kind == "left" and not line.guest]
    assert not left, f"announced: {len(left)}, {left[:3]}"


def assert_guests_had_all_lines(guests, members, log):
    """Assert that guests of a stopped server have received as much as its members."""
    last = max(member.ends[0].last for member in members)
    entered = {line.name: line.seq for line in log if line.kind == "entered"}
    for guest in guests:
        heard = guest_bytes(guest)
        last_words = [line for line in log[entered[guest.name] : last] if line.kind == "said"][-1]
        forms = renderings(last_words, log)
        assert any(form in heard for form in forms), f"{guest} has not heard {last_words}"


@pytest.mark.full
@pytest.mark.timeout(400)
def test_a_rolling_restart_announces_no_member(play, figures):
    """A rolling restart of both servers, 100 messages/s."""

    async def scenario(site, crowd):
        await crowd.gather(180, 20)
        start = time.monotonic()
        async with crowd.talking(100):
            for server in site.servers:
                await crowd.until_acknowledged(300)
                assert await asyncio.to_thread(server.stop) == 0
                await site.start(server)
            await crowd.until_acknowledged(300)
            await crowd.until_back()
        note_recovery(figures, crowd, start)
        return Expectations(also=lambda log: assert_members_stayed(crowd, log))

    play(scenario)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_frozen_server_is_taken_for_dead_and_closes_its_members_on_waking(play, figures):
    """A server frozen (SIGSTOP) for 40 s, 50 messages/s: it is taken for dead, and wakes."""

    async def scenario(site, crowd):
        await crowd.gather(90, 10)
        first, _ = site.servers
        members = [member for member in crowd.members if member.place is first]
        others = [client for client in crowd.everybody if client.place is not first]
        # Members that talk lose patience and reconnect elsewhere before that.
        silent = {
            client.name for client in crowd.members[20:] + crowd.guests if client.place is first
        }
        async with crowd.talking(50):
            await crowd.until_acknowledged(100)
            await asyncio.to_thread(first.freeze)
            frozen = time.monotonic()
            await until_removed(silent, site.database)
            removed_after = time.monotonic() - frozen
            await until_time(frozen + FROZEN_FOR)
            first.thaw()
            woken = time.monotonic()
            await until(
                lambda: all(member.ends for member in members),
                lambda: f"not closed: {[member for member in members if not member.ends][:3]}",
            )
            closed_after = time.monotonic() - woken
            await crowd.until_back()
        figures.recovered = f"its members had left after {removed_after:.0f} s"
        figures.note(f"on waking it had closed theirs after {closed_after:.1f} s")
        assert closed_after < NOTICED_WITHIN
        return Expectations(undisturbed=others)

    play(scenario)


async def until_removed(names, database):
    """Wait until none of the names is listed."""

    def listed():
        return sorted(names & set(database.people()))

    await until(lambda: not listed(), lambda: f"still listed: {listed()[:5]}", FROZEN_FOR)
