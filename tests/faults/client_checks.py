"""Checks of what clients have received, against the log. Problems raise AssertionError."""

from datetime import UTC, datetime

from chat.markup.parsing import parse
from chat.markup.spans import MENTION, ROOM
from chat.models import Line
from chat.wire import legacy
from tests.faults.guest import LOGGED_IN, NOT_SAID, ClientGuest
from tests.faults.log_checks import first_difference, present_at_each
from tests.faults.received import HISTORY_PAGE, NEWEST_LINES
from tests.faults.shown import first_words
from tests.support.site_database import SavedLine

NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)  # the legacy port shows no time of a line
SHOWING = {"said", "edited", "restored"}  # kinds of lines with the text of a message
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
    assert_received(member, member.received, log)


def assert_received(member, received, log):
    """Assert the same for the lines that a member has received of one room."""
    if received.entered is None:
        return
    assert_same_lines(member, received.lines, log, received.entered, received.last)
    first = max(received.entered - NEWEST_LINES, 0)
    assert_same_lines(
        f"{member}, the first lines", received.first_lines, log, first, received.entered
    )
    for line in received.repeated:
        right = log[line["seq"] - 1]
        assert as_saved(line, log.messages) == right, f"{member} was shown {line}"


def assert_same_lines(description, received, log, after, until):
    """Assert that lines of frames are those of the log after a number, up to another."""
    lines = [as_saved(line, log.messages) for line in received]
    if lines != log[after:until]:
        raise AssertionError(f"{description}: {first_difference(lines, log[after:until])}")


def as_saved(line, messages):
    """Return a received line as a `SavedLine`.

    A message may come with any of its texts, and so may the lines of edits. They come without a
    text once the message is removed.
    """
    saved = SavedLine.from_frame(line)
    assert_formatted(line)
    message = messages.get(line["seq"] if line["kind"] == "said" else line["of"])
    if line["kind"] not in SHOWING or message is None:
        return saved
    if line["text"] not in texts_of(message):
        return saved
    return saved._replace(text=message.texts[0] if line["kind"] == "said" else "")


def assert_formatted(line):
    """Assert that a line with the text of a message has the formatting of that very text."""
    if line["kind"] in SHOWING:
        spans = [span for span in line.get("spans", []) if span[2] not in (MENTION, ROOM)]
        assert spans == (parse(line["text"]).encoded() or []), f"formatted wrongly: {line}"


def texts_of(message):
    """Return the texts that a message may be shown with; an empty one while it is removed."""
    is_changed = message.removed or message.was_removed
    return {*message.texts, *([""] if is_changed else [])}


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
    stayed = guest.connected and not guest.cut_off
    match(guest_bytes(guest), guest_lines(guest, log), log, to_the_end=stayed)


def guest_lines(guest, log):
    """Return the lines that a guest who stays to the end must have, without its own entering."""
    entered = next(line.seq for line in log if line.kind == "entered" and line.name == guest.name)
    return log[entered:]


def has_all_lines(guest, log):
    """Return whether a guest has everything from its own entering on."""
    try:
        match(guest_bytes(guest), guest_lines(guest, log), log)
    except AssertionError:
        return False
    return True


def match(heard, lines, log, *, to_the_end=True):
    """Assert that bytes are lines of a log as the legacy port sends them, one after the other.

    A message may be shown with any of its texts, so each line has several forms. With `to_the_end`
    all lines must have come, otherwise the bytes may end anywhere.
    """
    places = {0}
    for line in lines:
        forms = renderings(line, log)
        if not to_the_end and any(
            form.startswith(heard[place:]) for form in forms for place in places
        ):
            return
        places = {
            place + len(form) for place in places for form in forms if heard.startswith(form, place)
        }
        assert places, f"{line} did not come: {heard[-200:]!r}"
    assert len(heard) in places, f"more came: {heard[max(places) :][:200]!r}"


def guest_bytes(guest):
    """Return the bytes of the log that a guest has, without the answers to refused messages."""
    heard = bytes(guest.heard)
    for answer in NOT_SAID:
        heard = heard.replace(answer, b"")
    return heard


def renderings(line, log):
    """Return the forms in which the legacy port may send a line of a log."""
    if line.seq not in log.forms:
        log.forms[line.seq] = _renderings(line, log.messages)
    return log.forms[line.seq]


def _renderings(line, messages):
    message = messages.get(line.seq if line.kind == "said" else line.of)
    if line.kind not in SHOWING or message is None:
        return {rendered(line)}
    quoted = messages.get(line.of) if line.kind == "said" else None
    quotes = [None] if quoted is None else list(quotes_of(quoted))
    return {
        rendered(line, text=text, quote=quote) for text in texts_of(message) for quote in quotes
    }


def quotes_of(message):
    """Yield the forms in which a reply may show a message; a removed reply quotes nothing."""
    yield None
    yield {"name": message.name, "text": "", "removed": True}
    for text in message.texts:
        yield {"name": message.name, "text": first_words(text)}


def rendered(line, **content):
    """Return a line of the log as the legacy port sends it."""
    fields = {**line._asdict(), "at": NOON, **content}
    return legacy.encode(Line(**fields))


async def assert_history_is_the_log(member, log):
    """Assert that a member's server gives the lines of the log, page by page."""
    before = log[-1].seq + 1
    for _ in range(MOST_PAGES):
        frame = await member.ask("history", before=before, limit=HISTORY_PAGE)
        first = max(before - 1 - HISTORY_PAGE, 0)
        assert_same_lines(member, frame["lines"], log, first, before - 1)
        assert frame["more"] == (first > 0)
        before = first + 1
        if not frame["more"]:
            break
