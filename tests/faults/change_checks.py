"""Checks of changes of messages: in the log, in the ledgers, and on the screens of clients.

A log is a `SavedLog`. `room` is the id of its room, None for the lobby. A check that fails raises
AssertionError.
"""

from collections import Counter

from tests.faults.changes import KINDS
from tests.faults.shown import shown_by, shown_messages

CHANGES = frozenset(KINDS.values())


def assert_changes_make_the_messages(log):
    """Assert that the lines of a log lead to what the rows of its messages say.

    Each line changes something: nobody edits or removes a message twice at once, and nobody reacts
    twice with the same emoji.
    """
    removed, edits, reactions = set(), Counter(), {}
    for line in log:
        if line.kind not in CHANGES:
            continue
        assert line.of in log.messages and line.of < line.seq, f"changes no message: {line}"
        match line.kind:
            case "removed":
                assert line.of not in removed, f"removed twice: {line}"
                removed.add(line.of)
            case "restored":
                assert line.of in removed, f"restored, and was not removed: {line}"
                removed.remove(line.of)
            case "edited":
                assert line.of not in removed, f"edited, and was removed: {line}"
                edits[line.of] += 1
            case "reacted":
                _react(reactions.setdefault(line.of, {}), line)
    for seq, message in log.messages.items():
        found = message.removed, len(message.texts) - 1, message.edited, message.reactions
        expected = seq in removed, edits[seq], edits[seq] > 0, reactions.get(seq, {})
        assert found == expected, f"message {seq} is {found}, and by the log {expected}"
        assert message.of is None or message.of in log.messages, f"{seq} replies to no message"


def _react(reactions, line):
    emoji = line.text.removeprefix("-")
    names = reactions.setdefault(emoji, [])
    is_taken_back = emoji != line.text
    assert (line.name in names) == is_taken_back, f"changes no reaction: {line}"
    if is_taken_back:
        names.remove(line.name)
    else:
        names.append(line.name)
    if not names:
        del reactions[emoji]


def assert_changes_are_those_of_the_ledgers(crowd, log, room=None):
    """Assert that each acknowledged change is in the log, and none more often than it was made.

    Purges by moderators are in no ledger.
    """
    purging = {member.name for member in crowd.members if member.purges}
    saved = Counter(
        (line.name, line.kind, line.text, line.of)
        for line in log
        if line.kind in CHANGES and not (line.kind == "removed" and line.name in purging)
    )
    made, acknowledged = Counter(), Counter()
    for member in crowd.members:
        for change in member.changes.ledger.values():
            if change.room != room:
                continue
            key = (member.name, *change.line, change.of)
            made[key] += 1
            is_done = change.acknowledged_at is not None and change.refused is None
            if is_done and not _takes_back_nothing(member, change):
                acknowledged[key] += 1
            _assert_acknowledgement(member, change, log)
    lost, doubled = acknowledged - saved, saved - made
    assert not lost, f"acknowledged and lost: {len(lost)}, {list(lost)[:5]}"
    assert not doubled, f"made once, and saved again: {len(doubled)}, {list(doubled)[:5]}"


def _takes_back_nothing(member, change):
    """Return whether a change takes back a reaction that was refused, which is done without a line.

    Moderators may lock the room or remove the message between the two.
    """
    kind, text = change.line
    if kind != "reacted" or not text.startswith("-") or change.seq is not None:
        return False
    reaction = change.of, change.room, ("reacted", text.removeprefix("-"))
    return any(
        each.refused is not None and (each.of, each.room, each.line) == reaction
        for each in member.changes.ledger.values()
    )


def _assert_acknowledgement(member, change, log):
    if change.seq is not None:
        line = log[change.seq - 1]
        right = (line.name, line.of, line.kind) == (member.name, change.of, change.line[0])
        assert right, f"{member} was told that {change.frame} is {line}"
    is_known = change.acknowledged_at is not None and change.refused is None
    if is_known and change.line[0] == "edited":
        texts = log.messages[change.of].texts
        assert change.text in texts, f"acknowledged and lost: {change.text!r} in {texts}"


def assert_replies_are_those_of_the_ledgers(crowd, log, room=None):
    """Assert that each saved message replies to what its author has replied to."""
    by_id = {line.client_id: line for line in log if line.client_id}
    for member in crowd.members:
        for message in member.ledger.values():
            line = by_id.get(message.client_id) if message.room == room else None
            if line is not None:
                assert line.of == message.reply, f"{line} does not reply to {message.reply}"


def assert_shows_the_messages(description, received, log):
    """Assert that a client shows each message of its lines as the database has it."""
    for seq, shown in shown_messages(received).items():
        expected = shown_by(log.messages, seq)
        assert shown == expected, f"{description} shows {seq} as {shown}, and it is {expected}"
