"""Checks of what clients have received, against the log. What is wrong is an AssertionError."""

from chat.wire import legacy
from tests.faults.database import SavedLine
from tests.faults.guest import LOGGED_IN, NOT_SENT, ClientGuest
from tests.faults.log_checks import first_difference, present_at_each
from tests.faults.received import HISTORY_PAGE, NEWEST_LINES

MOST_PAGES = 10  # of history to ask each server for, which is more than it has in memory


def assert_undisturbed(clients):
    """Assert that none of these clients has lost a connection."""
    closed = [
        client
        for client in clients
        if (client.closed if isinstance(client, ClientGuest) else client.ends or client.over)
    ]
    assert not closed, f"closed without a reason: {len(closed)}, {closed[:5]}"


def assert_sent_away(crowd, expected):
    """Assert that the server has told exactly these members to stay away.

    No other check covers a member that stays away.
    """
    gone = {member for member in crowd.members if member.sent_away}
    wrongly = [(member.name, member.sent_away) for member in gone.difference(expected)]
    assert not wrongly, f"sent away: {len(wrongly)}, {wrongly[:5]}"
    spared = [member.name for member in set(expected) - gone]
    assert not spared, f"not sent away: {len(spared)}, {spared[:5]}"


def assert_member_has_the_log(member, log):
    """Assert that a member has applied the log from its first welcome on, each line once.

    Other lines that it was shown, older ones or repeated ones, must be in the log as well.
    """
    assert not member.complaints, (member, member.complaints[:5])
    received = member.received
    if received.entered is None:
        return
    assert_same_lines(member, received.lines, log[received.entered : received.last])
    newest = log[max(received.entered - NEWEST_LINES, 0) : received.entered]
    assert_same_lines(f"{member}, the first lines", received.first_lines, newest)
    for line in received.repeated:
        assert SavedLine.from_frame(line) == log[line["seq"] - 1], f"{member} was shown {line}"


def assert_same_lines(description, received, expected):
    """Assert that lines of frames are these lines of the log."""
    lines = [SavedLine.from_frame(line) for line in received]
    if lines != expected:
        raise AssertionError(f"{description}: {first_difference(lines, expected)}")


def assert_people_lists(members, log):
    """Assert that every list of those present is that of the log at its number."""
    shown = {}
    for member in members:
        for seq, people in member.people_lists:
            shown.setdefault(seq, []).append((member, people))
    present = {}
    for seq in present_at_each(log, present):
        if seq in shown:
            right = [{"name": name, "guest": guest} for name, guest in present.values()]
            for member, people in shown[seq]:
                if people != right:
                    raise AssertionError(f"{member} at {seq}: {first_difference(people, right)}")


def assert_guest_has_a_run(guest, log):
    """Assert that a guest has the rendered log from its own entering on, as far as it stayed."""
    if guest.reply != LOGGED_IN:
        return
    expected, heard = guest_run(guest, log), guest_bytes(guest)
    stayed = guest.connected and not guest.cut_off
    if not (heard == expected if stayed else expected.startswith(heard)):
        difference = first_difference(heard.split(b"\n"), expected.split(b"\n"))
        raise AssertionError(f"{guest}: {difference}")


def guest_run(guest, log):
    """Return the bytes that a guest who stays to the end must have, without its own entering."""
    entered = next(line.seq for line in log if line.kind == "entered" and line.name == guest.name)
    return rendered(log[entered:])


def guest_bytes(guest):
    """Return the bytes of the log that a guest has, without the answers to refused messages."""
    return bytes(guest.heard).replace(NOT_SENT, b"")


def rendered(lines):
    """Return lines of the log as the legacy port sends them."""
    return b"".join(legacy.encode(line) for line in lines)


async def assert_history_is_the_log(member, log):
    """Assert that a member's server gives the lines of the log, page by page."""
    before = log[-1].seq + 1
    for _ in range(MOST_PAGES):
        frame = await member.ask("history", before=before, limit=HISTORY_PAGE)
        page = log[max(before - 1 - HISTORY_PAGE, 0) : before - 1]
        assert_same_lines(member, frame["lines"], page)
        assert frame["more"] == (page[0].seq > 1)
        before = page[0].seq
        if not frame["more"]:
            break
