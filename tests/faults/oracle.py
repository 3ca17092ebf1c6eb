"""The one judge of every scenario: what members applied and were told, against the database."""

import asyncio
import time
from collections import Counter

from chat.wire import legacy as wire
from tests.faults.members import NEWEST, NOT_SENT, PAGE, Guest, until
from tests.faults.site import Row

HEARD_WITHIN = 30  # seconds until everybody has heard the last line
GONE_WITHIN = 15  # seconds until the list of who is here is right: the next beat, and the grace
ALL_LEFT_WITHIN = 1  # second: less than the two looks after which a server mends what it forgot
CLOSED_WITHIN = 60  # seconds until threads and pools have closed what they need no more
ROOM_FOR_CACHES = 64 << 20  # bytes that a server may have grown by
SPARE_DESCRIPTORS = 24  # threads' and pools' connections, opened with the first use and kept
PAGES = 10  # of history that each server is asked for: more than it has in memory


async def judge(
    crowd,
    figures,
    *,
    also=None,
    undisturbed=(),
    sent_away=(),
    unasked=lambda name: False,
):
    """Assert all that must always hold, and fill in the figures. Everybody leaves at the end.

    `also(log)` asserts what else must hold, while everybody is still there. `undisturbed` are those
    whom the fault did not touch. `sent_away` are the members whom the server had to end for good:
    all others are still there, or have gone by their own wish. `unasked(name)` says whose messages
    are in no ledger.
    Presence is awaited first, since who is taken out is one more line that must be heard.
    """
    truth = crowd.site.truth
    figures.clients = len(crowd.members) + len(crowd.guests)
    servers_live(crowd.site)
    nobody_noticed(undisturbed)
    only_these_were_sent_away(crowd, sent_away)
    witnesses = await witnesses_of(crowd)
    waited = await presence_is_true(crowd)
    if waited > 1:
        figures.note(f"the list of who is here was right {waited:.0f} s later")
    log = await everybody_has_heard_everything(crowd)
    in_ledgers, unknown = by_ledgers(crowd, log)
    figures.messages = len(in_ledgers)
    if unknown:
        figures.note(f"{len(unknown):,} more in no ledger")
    numbers_have_no_gap(log, truth.last_seq())
    assert stays(log) == truth.people(), "the log and the list of who is here differ"
    lost, doubled = lost_and_doubled(crowd, log)
    figures.lost, figures.doubled = len(lost), len(doubled)
    assert not lost, f"acknowledged and lost: {len(lost)}, {lost[:5]}"
    assert not doubled, f"said twice: {len(doubled)}, {doubled[:5]}"
    what_was_told_is_true(crowd, log)
    everything_was_asked_for(unknown, unasked)
    if saved := refused_and_saved(crowd.guests, log):
        figures.note(f"{len(saved)} refused and saved")
    for member in crowd.members:
        await asyncio.sleep(0)  # pings are answered meanwhile, or the servers would cut us all
        member_has_the_log(member, log)
    for guest in crowd.guests:
        await asyncio.sleep(0)
        guest_has_a_run(guest, log)
    await lists_agree(crowd)
    for witness in witnesses:
        await history_is_the_log(witness, log)
    lists_are_true(crowd.members, log)
    if also is not None:
        also(log)
    nobody_noticed(undisturbed)
    only_these_were_sent_away(crowd, sent_away)
    await crowd.disperse()
    await nobody_is_left(truth)
    assert stays(truth.lines()) == [], "the room is empty, and not by its log"
    servers_live(crowd.site)
    for server in crowd.site.servers:
        await usage_is_back(server, figures)
    for server in crowd.site.servers:
        server.assert_no_traceback()


def servers_live(site):
    """Each server runs, in the processes with which the scenario started it last."""
    for server in site.servers:
        assert server.is_alive, f"a server has ended by itself: {server.output[-2000:]}"
        pids = {process.pid for process in server.processes}
        assert pids == server.pids, f"other processes serve: {pids}, not {server.pids}"


def nobody_noticed(people):
    """Nobody of those whom the fault did not touch has lost a connection."""
    closed = [
        one for one in people if (one.closed if isinstance(one, Guest) else one.ends or one.over)
    ]
    assert not closed, f"closed without a reason: {len(closed)}, {closed[:5]}"


def only_these_were_sent_away(crowd, people):
    """Who is told to stay away is in no other check any more: it must be those who had to be."""
    gone = {member for member in crowd.members if member.sent_away}
    wrongly = [(member.name, member.sent_away) for member in gone.difference(people)]
    assert not wrongly, f"sent away: {len(wrongly)}, {wrongly[:5]}"
    spared = [member.name for member in set(people) - gone]
    assert not spared, f"not sent away: {len(spared)}, {spared[:5]}"


async def witnesses_of(crowd):
    """Somebody new on each server: also what a server says that nobody is on must be right."""
    witnesses, _ = await crowd.gather(len(crowd.site.servers), prefix="witness")
    return witnesses


async def presence_is_true(crowd, within=GONE_WITHIN):
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
    """Wait until all who have not gone have the newest line. Returns the log."""
    log = crowd.site.truth.lines()
    members = [member for member in crowd.members if not member.over]

    def behind():
        return [one for one in members if not (one.connected and one.last == len(log))]

    await until(
        lambda: not behind(),
        lambda: f"of {len(log)}: {behind()[:5]}",
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


def stays(log):
    """The names of those who are here after a log, in the order in which they entered.

    Asserts that its lines make sense: who enters was not here, who speaks is, and who leaves ends
    that one stay. Kinds of lines that are not known move nobody.
    """
    here = {}
    for _ in stays_at(log, here):
        pass
    return [name for name, _ in here.values()]


def stays_at(log, here):
    """Each number of a log; `here` then has {number of entering: (name, whether a guest)}."""
    names = set()
    for row in log:
        match row.kind:
            case "entered":
                assert row.name not in names, f"entered, and was here: {row}"
                names.add(row.name)
                here[row.seq] = row.name, row.guest
            case "left":
                assert here.pop(row.of, None) == (row.name, row.guest), f"left, of no stay: {row}"
                names.remove(row.name)
            case "said":
                assert row.name in names, f"said by somebody who is not here: {row}"
        yield row.seq


def lost_and_doubled(crowd, log):
    """What was acknowledged and is not there, and what is there twice, be it in a ledger or not."""
    by_id = Counter(row.client_id for row in log if row.client_id)
    by_text = Counter((row.name, row.text) for row in log if row.kind == "said")
    twice = {row.client_id: (row.name, row.text) for row in log if by_id[row.client_id] > 1}
    lost = []
    for one in [*crowd.members, *crowd.guests]:
        for told in one.ledger.values():
            said = one.name, told.text
            count = by_id[told.client_id] if told.client_id else by_text[said]
            if told.acknowledged_at is not None and count == 0:
                lost.append(said)
            if by_text[said] > 1:
                twice[told.client_id or said] = said
    return lost, list(twice.values())


def what_was_told_is_true(crowd, log):
    """What was acknowledged is what was said, by its own number, in the order of asking."""
    at = {row.client_id: row for row in log if row.client_id}
    at_text = {(row.name, row.text): row for row in log if row.kind == "said"}
    for one in [*crowd.members, *crowd.guests]:
        last = 0
        for told in one.ledger.values():
            if told.acknowledged_at is None:
                continue
            row = at[told.client_id] if told.client_id else at_text[one.name, told.text]
            right = (row.name, row.text) == (one.name, told.text) and told.seq in (None, row.seq)
            assert right, f"acknowledged as something else: {one.name}, {told.text}, {row}"
            assert row.seq > last, f"{one} asked for it after {last}: {row}"
            last = row.seq


def by_ledgers(crowd, log):
    """(messages that somebody's ledger has, all others), of what is said in a log."""
    ids = {client_id for member in crowd.members for client_id in member.ledger}
    texts = {(guest.name, text) for guest in crowd.guests for text in guest.ledger}
    known, unknown = [], []
    for row in log:
        if row.kind == "said":
            asked = row.client_id in ids if row.client_id else (row.name, row.text) in texts
            (known if asked else unknown).append(row)
    return known, unknown


def everything_was_asked_for(unknown, unasked):
    """No message is there that nobody said."""
    strange = [row for row in unknown if not unasked(row.name)]
    assert not strange, f"nobody asked for it: {len(strange)}, {strange[:5]}"


def refused_and_saved(guests, log):
    """What guests were told is not sent, and is there: allowed (D16), and worth knowing.

    Members say it again under the same id, and it is there once.
    """
    said = {(row.name, row.text) for row in log if row.kind == "said"}
    return [
        (guest.name, told.text)
        for guest in guests
        for told in guest.ledger.values()
        if told.refused_at and (guest.name, told.text) in said
    ]


def member_has_the_log(member, log):
    """What was applied is the log from the first welcome on: one order, no hole, nothing twice.

    Whatever else was shown (before that, or again on a coming back) is in the log as well.
    """
    assert not member.complaints, (member, member.complaints[:5])
    if member.entered is None:
        return
    expected = log[member.entered : member.last]
    heard = [Row.heard(line) for line in member.lines]
    if heard != expected:
        raise AssertionError(f"{member}: {first_difference(heard, expected)}")
    first = [Row.heard(line) for line in member.first_lines]
    newest = log[max(member.entered - NEWEST, 0) : member.entered]
    if first != newest:
        raise AssertionError(f"{member}, the first lines: {first_difference(first, newest)}")
    for line in member.seen_again:
        assert Row.heard(line) == log[line["seq"] - 1], f"{member} was shown {line}"


def lists_are_true(members, log):
    """Every list of who is here that a member was shown is that of the log at its number."""
    shown = {}
    for member in members:
        for seq, people in member.lists:
            shown.setdefault(seq, []).append((member, people))
    here = {}
    for seq in stays_at(log, here):
        if seq in shown:
            true = [{"name": name, "guest": guest} for name, guest in here.values()]
            for member, people in shown[seq]:
                if people != true:
                    raise AssertionError(f"{member} at {seq}: {first_difference(people, true)}")


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


async def history_is_the_log(member, log):
    """The server of a member gives the log's lines, page by page, from memory and beyond."""
    before = log[-1].seq + 1
    for _ in range(PAGES):
        frame = await member.ask("history", before=before, limit=PAGE)
        page = [Row.heard(line) for line in frame["lines"]]
        true = log[max(before - 1 - PAGE, 0) : before - 1]
        assert page == true, f"{member}: {first_difference(page, true)}"
        assert frame["more"] == (page[0].seq > 1)
        before = page[0].seq
        if not frame["more"]:
            break


async def nobody_is_left(truth, within=ALL_LEFT_WITHIN):
    """Wait until the tables know nobody any more, not even as lost.

    All have been told that they have left, which is said after the commit: there is next to nothing
    to wait for.
    """
    await until(
        lambda: not truth.people(), lambda: f"the room is not empty: {truth.people()}", within
    )


async def usage_is_back(server, figures):
    """Wait until a server has closed what it had opened; memory may stay, within reason."""
    await until(
        lambda: not server.links(), lambda: f"still connected: {server.links()[:5]}", GONE_WITHIN
    )
    most = server.quiet.descriptors + SPARE_DESCRIPTORS * server.workers
    await until(
        lambda: server.usage().descriptors <= most,
        lambda: f"{server.usage().descriptors} descriptors are open; {server.quiet} before",
        CLOSED_WITHIN,
    )
    grown = server.usage().memory - server.quiet.memory
    figures.note(f"{grown / (1 << 20):+.0f} MB")
    assert grown < ROOM_FOR_CACHES * server.workers, f"{grown / (1 << 20):.0f} MB more memory"


def nobody_left(log):
    """Nobody's leaving was announced."""
    moves = [row for row in log if row.kind == "left"]
    assert not moves, f"announced: {len(moves)}, {moves[:3]}"


def first_difference(found, expected):
    found, expected = list(found), list(expected)
    for index, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return f"at {index}: {one!r} where {other!r} belongs (of {len(expected)})"
    return f"{len(found)} where {len(expected)} belong; next: {(found + expected)[-1:]}"
