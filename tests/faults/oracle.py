"""The one judge of every scenario: what members applied and were told, against the database."""

import asyncio
import time
from collections import Counter

from chat.wire import lines as wire
from tests.faults.members import NOT_SENT, until
from tests.faults.site import Row

HEARD_WITHIN = 30  # seconds until everybody has heard the last line
GONE_WITHIN = 60  # seconds until the list of who is here is right again
ROOM_FOR_CACHES = 64 << 20  # bytes that a server may have grown by
SPARE_DESCRIPTORS = 24  # threads' and pools' connections, opened with the first use and kept


async def judge(crowd, figures, *, gone_within=GONE_WITHIN, also=None):
    """Assert all that must always hold, and fill in the figures. Everybody leaves at the end.

    `also(log)` asserts what else must hold, while everybody is still there.
    Presence is awaited first, since who is taken out is one more line that must be heard.
    """
    truth = crowd.site.truth
    waited = await presence_is_true(crowd, gone_within)
    if waited > 1:
        figures.note(f"the list of who is here was right {waited:.0f} s later")
    log = await everybody_has_heard_everything(crowd)
    figures.clients = len(crowd.members) + len(crowd.guests)
    figures.messages = sum(row.kind == "said" for row in log)
    numbers_have_no_gap(log, truth.last_seq())
    figures.lost, figures.doubled = what_was_said_is_there(crowd, log)
    for member in crowd.members:
        member_has_the_log(member, log)
    for guest in crowd.guests:
        guest_has_a_run(guest, log)
    await lists_agree(crowd)
    if also is not None:
        also(log)
    await crowd.disperse()
    await nobody_is_left(crowd.site.truth)
    for server in crowd.site.servers:
        await usage_is_back(server, figures)
    for server in crowd.site.servers:
        assert "Traceback" not in server.output, server.output[-5000:]


async def presence_is_true(crowd, within):
    """Wait until the table holds exactly the living. Returns after how many seconds it did."""
    start = time.monotonic()
    while wrong := wrong_presence(crowd):
        assert time.monotonic() - start < within, f"after {within} s the list is wrong: {wrong}"
        print(f"{time.monotonic() - start:.1f} s: {wrong}")
        await asyncio.sleep(0.5)
    return time.monotonic() - start


def wrong_presence(crowd):
    """What is wrong with the table, in words; nothing when it is right."""
    here = Counter(one.name for one in connected(crowd))
    held = Counter(crowd.site.truth.held())
    people = set(crowd.site.truth.people())
    problems = {
        "gone, and still listed": people - set(here),
        "here, and not listed": set(here) - people,
        "other numbers of connections": {name for name in people if held[name] != here[name]},
    }
    return "; ".join(
        f"{problem}: {len(names)}, {sorted(names)[:5]}"
        for problem, names in problems.items()
        if names
    )


def connected(crowd):
    """Those who are in the room and whose link works."""
    return [
        one
        for one in [*crowd.members, *crowd.guests]
        if one.connected and not getattr(one, "cut_off", False)
    ]


async def everybody_has_heard_everything(crowd):
    """Wait until all who are connected have the newest line. Returns the log."""
    log = crowd.site.truth.lines()
    members = [member for member in crowd.members if member.connected]
    await until(
        lambda: all(member.last == len(log) for member in members),
        lambda: f"of {len(log)}: {[m for m in members if m.last != len(log)][:5]}",
        HEARD_WITHIN,
    )
    guests = [guest for guest in crowd.guests if guest.connected and not guest.cut_off]
    runs = {guest: len(run_of(guest, log)) for guest in guests}
    await until(
        lambda: all(len(heard_by(guest)) >= runs[guest] for guest in guests),
        lambda: f"still to come: {[g for g in guests if len(heard_by(g)) < runs[g]][:5]}",
        HEARD_WITHIN,
    )
    again = crowd.site.truth.lines()
    assert again == log, f"it is not quiet: {again[len(log) :][:5]}"
    return log


def numbers_have_no_gap(log, last_seq):
    seqs = [row.seq for row in log]
    assert seqs == list(range(1, len(log) + 1)), first_difference(seqs, range(1, len(log) + 1))
    assert last_seq == len(log)


def what_was_said_is_there(crowd, log):
    """(lost, doubled) of all that was said; both must be nothing."""
    by_id = Counter(row.client_id for row in log if row.client_id)
    by_text = Counter((row.name, row.text) for row in log if row.kind == "said")
    at = {row.client_id: row for row in log if row.client_id}
    lost, doubled, wrong = [], [], []
    for member in crowd.members:
        for client_id, told in member.ledger.items():
            if told.acknowledged_at is not None:
                if by_id[client_id] == 0:
                    lost.append((member.name, told.text))
                elif at[client_id].seq != told.seq or at[client_id].text != told.text:
                    wrong.append((member.name, told.text, at[client_id]))
            if by_id[client_id] > 1 or by_text[member.name, told.text] > 1:
                doubled.append((member.name, told.text))
    for guest in crowd.guests:
        for text, told in guest.ledger.items():
            count = by_text[guest.name, text]
            if told.acknowledged_at is not None and count == 0:
                lost.append((guest.name, text))
            if count > 1:
                doubled.append((guest.name, text))
    assert not lost, f"acknowledged and lost: {len(lost)}, {lost[:5]}"
    assert not doubled, f"said twice: {len(doubled)}, {doubled[:5]}"
    assert not wrong, f"acknowledged as something else: {wrong[:5]}"
    return len(lost), len(doubled)


def member_has_the_log(member, log):
    """What was applied is the log from the first welcome on: one order, no hole, nothing twice."""
    assert not member.complaints, (member, member.complaints[:5])
    if member.entered is None:
        return
    expected = log[member.entered : member.last]
    heard = [Row.heard(line) for line in member.lines]
    if heard != expected:
        raise AssertionError(f"{member}: {first_difference(heard, expected)}")


def guest_has_a_run(guest, log):
    """What came is the rendered log from the own entering on, as far as the stay went."""
    if guest.reply != guest.WELCOME:
        return
    expected, heard = run_of(guest, log), heard_by(guest)
    whole = guest.connected and not guest.cut_off
    if not (heard == expected if whole else expected.startswith(heard)):
        difference = first_difference(heard.split(b"\n"), expected.split(b"\n"))
        raise AssertionError(f"{guest}: {difference}")


def run_of(guest, log):
    """What a guest who stays to the end must hear; nobody hears of their own entering."""
    entered = next(row.seq for row in log if row.kind == "entered" and row.name == guest.name)
    return rendered(log[entered:])


def heard_by(guest):
    """What came to a guest from the log, without the answers to what was refused."""
    return bytes(guest.heard).replace(NOT_SENT, b"")


def rendered(rows):
    return b"".join(wire.encode(row) for row in rows)


async def lists_agree(crowd):
    """`look` says the same on every server as the table."""
    here = {one.name for one in connected(crowd)}
    for server in crowd.site.servers:
        asker = next((m for m in crowd.members if m.connected and m.place is server), None)
        if asker is not None:
            names = await asker.look()
            assert len(names) == len(set(names)), "a name is listed twice"
            assert set(names) == here, f"look: {set(names) ^ here}"


async def nobody_is_left(truth):
    """Wait until the tables know nobody any more, not even as lost."""
    await until(
        lambda: not truth.people(), lambda: f"the room is not empty: {truth.people()}", GONE_WITHIN
    )


async def usage_is_back(server, figures):
    """Wait until a server has closed what it had opened; memory may stay, within reason."""
    if not server.is_alive:
        return
    most = server.quiet.descriptors + SPARE_DESCRIPTORS * server.workers
    await until(
        lambda: server.usage().descriptors <= most,
        lambda: f"{server.usage().descriptors} descriptors are open; {server.quiet} before",
        60,
    )
    grown = server.usage().memory - server.quiet.memory
    figures.note(f"{grown / (1 << 20):+.0f} MB")
    assert grown < ROOM_FOR_CACHES * server.workers, f"{grown / (1 << 20):.0f} MB more memory"


def first_difference(found, expected):
    found, expected = list(found), list(expected)
    for index, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return f"at {index}: {one!r} where {other!r} belongs (of {len(expected)})"
    return f"{len(found)} where {len(expected)} belong; next: {(found + expected)[-1:]}"
