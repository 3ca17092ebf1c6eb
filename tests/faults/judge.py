"""The judge of every scenario: compares what clients received and were told with the database.

It checks everything that must hold whatever has happened. The checks are in `log_checks`,
`client_checks`, `room_checks` and `presence_checks`, and are tested by themselves.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import change_checks, client_checks, log_checks, presence_checks, room_checks
from tests.faults.client_checks import has_all_lines
from tests.faults.readiness import until_ready
from tests.faults.waiting import until

RECEIVED_WITHIN = 60  # seconds until everybody has the last line
DISCONNECTED_WITHIN = 60  # seconds until a server has closed what its clients have left
CLOSED_WITHIN = 60  # seconds until threads and pools have closed what they no longer need
MEMORY_FOR_CACHES = 64 << 20  # bytes that a worker may have grown by
SPARE_DESCRIPTORS = 24  # of each worker: connections of threads and pools, kept after first use


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """The expectations of one scenario, which the judge cannot know by itself."""

    undisturbed: list = ()  # clients that must not have lost their connection
    sent_away: list = ()  # members that the server had to end for good
    also: Callable = lambda log: None  # further assertions about the log, before people leave
    may_say_unasked: Callable = lambda name: False  # whether a name's messages are in no ledger
    messages: int | None = None  # how many must have been said
    clients: int | None = None  # for the table, where not all clients were let in


async def judge(crowd, figures, expected):
    """Assert everything that must always hold, and fill in the figures. Everybody leaves."""
    site = crowd.site
    figures.clients = expected.clients or len(crowd.everybody)
    assert_servers_live(site)
    assert_connections(crowd, expected)
    # Members who are new on each server: what it tells them must be right as well.
    witnesses, _ = await crowd.gather(len(site.servers), prefix="witness")
    # A line is written for each person that is removed, so presence is awaited before the log.
    waited = await presence_checks.until_presence_is_right(crowd)
    if waited > 1:
        figures.note(f"the list of those present was right {waited:.0f} s later")
    log = await until_everybody_has_received_everything(crowd)
    judge_log(crowd, figures, expected, log)
    await judge_clients(crowd, witnesses, log)
    await judge_rooms(crowd, figures)
    if expected.messages is not None:
        assert figures.messages == expected.messages
    expected.also(log)
    assert_connections(crowd, expected)
    await crowd.disperse()
    await presence_checks.until_nobody_is_present(site.database)
    assert log_checks.present_after(site.database.lines()) == [], "the log says somebody is left"
    await judge_servers(site, figures)


def judge_log(crowd, figures, expected, log):
    """Assert what must hold between the log, the tables and the ledgers."""
    database = crowd.site.database
    assert log_checks.present_after(log) == database.people(), "log and presence table differ"
    figures.lost = figures.doubled = 0
    unknown = judge_messages(crowd, figures, log, database.last_seq())
    if unknown:
        figures.note(f"{len(unknown):,} more in no ledger")
    log_checks.assert_all_were_said(unknown, expected.may_say_unasked)
    if saved := log_checks.refused_and_saved(crowd.guests, log):
        figures.note(f"{len(saved)} refused and saved")


def judge_messages(crowd, figures, log, last_seq, room=None):
    """Assert what must hold between a room's log, its counter and the ledgers.

    Return the messages in no ledger.
    """
    in_ledgers, unknown = log_checks.messages_by_ledgers(crowd, log, room)
    lost, doubled = log_checks.lost_and_doubled(crowd, log, room)
    figures.messages += len(in_ledgers)
    figures.lost += len(lost)
    figures.doubled += len(doubled)
    log_checks.assert_no_gap(log, last_seq)
    assert not lost, f"acknowledged and lost: {len(lost)}, {lost[:5]}"
    assert not doubled, f"saved twice: {len(doubled)}, {doubled[:5]}"
    log_checks.assert_acknowledgements(crowd, log, room)
    log_checks.assert_sanctions_hold(log)
    log_checks.assert_refused_are_not_saved(crowd.members, log)
    change_checks.assert_changes_make_the_messages(log)
    change_checks.assert_changes_are_those_of_the_ledgers(crowd, log, room)
    change_checks.assert_replies_are_those_of_the_ledgers(crowd, log, room)
    return unknown


async def judge_rooms(crowd, figures):
    """Assert the same for the rooms besides the lobby, and what their members know of them."""
    if not crowd.rooms:
        return
    rooms = crowd.site.database.other_rooms()
    logs = {room: crowd.site.database.lines(room) for room in rooms}
    for room, log in logs.items():
        unknown = judge_messages(crowd, figures, log, rooms[room].last_seq, room)
        log_checks.assert_all_were_said(unknown, lambda name: False)
    await room_checks.until_rooms_are_received(crowd, logs)
    for member in crowd.members:
        await asyncio.sleep(0)
        room_checks.assert_member_has_the_rooms(member, logs)
    room_checks.assert_access(crowd, logs)
    await room_checks.assert_strangers_are_refused(crowd)
    await room_checks.until_positions_are_right(crowd)


async def judge_clients(crowd, witnesses, log):
    """Assert that every client has received the log, and that every server tells the same."""
    for member in crowd.members:
        await asyncio.sleep(0)  # answers pings meanwhile, so that servers do not cut the clients
        client_checks.assert_member_has_the_log(member, log)
        if not member.sent_away:  # else it knows nothing of later changes
            change_checks.assert_shows_the_messages(member, member.received, log)
    for guest in crowd.guests:
        await asyncio.sleep(0)
        client_checks.assert_guest_has_a_run(guest, log)
    await presence_checks.assert_servers_agree(crowd)
    for witness in witnesses:
        await client_checks.assert_history_is_the_log(witness, log)
    client_checks.assert_people_lists(crowd.members, log)


def assert_connections(crowd, expected):
    client_checks.assert_undisturbed(expected.undisturbed)
    client_checks.assert_sent_away(crowd, expected.sent_away)


async def until_everybody_has_received_everything(crowd):
    """Wait until all who have not left have the newest line. Return the log."""
    log = crowd.site.database.lines()
    members = [member for member in crowd.members if not member.over]
    guests = [guest for guest in crowd.guests if guest.connected and not guest.cut_off]

    def behind():
        return [one for one in members if not (one.connected and one.received.last == len(log))]

    def guests_behind():
        return [guest for guest in guests if not has_all_lines(guest, log)]

    await until(lambda: not behind(), lambda: f"of {len(log)}: {behind()[:5]}", RECEIVED_WITHIN)
    await until(lambda: not guests_behind(), lambda: f"{guests_behind()[:5]}", RECEIVED_WITHIN)
    again = crowd.site.database.lines()
    assert again == log, f"there are new lines: {again[len(log) :][:5]}"
    return log


# Servers


def assert_servers_live(site):
    """Assert that each server runs in the processes with which the scenario last started it."""
    for server in site.servers:
        assert server.is_alive, f"a server has ended by itself: {server.output[-2000:]}"
        pids = {process.pid for process in server.processes}
        assert pids == server.pids, f"other processes serve: {pids}, not {server.pids}"


async def judge_servers(site, figures):
    """Assert that the servers live on, have closed what they opened, and logged no traceback."""
    assert_servers_live(site)
    await until_ready(site.servers)
    for server in site.servers:
        await assert_usage_is_back(server, figures)
    for server in site.servers:
        server.assert_no_traceback()


async def assert_usage_is_back(server, figures):
    """Wait until a server has closed its connections; it may keep some memory."""
    await until(
        lambda: not server.links(),
        lambda: f"still connected: {server.links()[:5]}",
        DISCONNECTED_WITHIN,
    )
    most = server.quiet.descriptors + SPARE_DESCRIPTORS * server.workers
    await until(
        lambda: server.usage().descriptors <= most,
        lambda: f"{server.usage().descriptors} descriptors are open; {server.quiet} before",
        CLOSED_WITHIN,
    )
    grown = server.usage().memory - server.quiet.memory
    figures.note(f"{grown / (1 << 20):+.0f} MB")
    assert grown < MEMORY_FOR_CACHES * server.workers, f"{grown / (1 << 20):.0f} MB more memory"
