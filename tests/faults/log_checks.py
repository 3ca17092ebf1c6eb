"""Checks of a room's log, by itself and against the ledgers of its clients.

A log is a list of `SavedLine`. `room` is the id of its room, None for the lobby. A check that fails
raises AssertionError.
"""

from collections import Counter


def assert_no_gap(log, last_seq):
    """Assert that the numbers are 1 to the room's counter."""
    seqs = [line.seq for line in log]
    assert seqs == list(range(1, len(log) + 1)), first_difference(seqs, range(1, len(log) + 1))
    assert last_seq == len(log)


def present_after(log):
    """Return the names of those present after a log, in the order of entering.

    Asserts that its lines make sense, see `present_at_each`.
    """
    present = {}
    for _ in present_at_each(log, present):
        pass
    return [name for name, _ in present.values()]


def present_at_each(log, present):
    """Yield each number of a log, with `present` as it is after that line.

    `present` is {number of entering: (name, whether a guest)}. Asserts that nobody enters who is
    present, that nobody speaks who is not, and that each `left` names its `entered`. Lines of
    unknown kinds change nothing.
    """
    names = set()
    for line in log:
        match line.kind:
            case "entered":
                assert line.name not in names, f"entered, and was present: {line}"
                names.add(line.name)
                present[line.seq] = line.name, line.guest
            case "left":
                stay = present.pop(line.of, None)
                assert stay == (line.name, line.guest), f"left, without having entered: {line}"
                names.remove(line.name)
            case "said":
                assert line.name in names, f"said by somebody who is not present: {line}"
        yield line.seq


def messages_in(client, room):
    """Return the messages that a client has said in a room."""
    return [message for message in client.ledger.values() if message.room == room]


def lost_and_doubled(crowd, log, room=None):
    """Return (acknowledged messages that are not in the log, messages that are in it twice).

    A message is (name, text). Messages that are in no ledger count as doubled, too.
    """
    by_id = Counter(line.client_id for line in log if line.client_id)
    by_text = Counter((line.name, line.text) for line in log if line.kind == "said")
    doubled = {line.client_id: (line.name, line.text) for line in log if by_id[line.client_id] > 1}
    lost = []
    for client in [*crowd.members, *crowd.guests]:
        for message in messages_in(client, room):
            said = client.name, message.text
            count = by_id[message.client_id] if message.client_id else by_text[said]
            if message.acknowledged_at is not None and count == 0:
                lost.append(said)
            if by_text[said] > 1:
                doubled[message.client_id or said] = said
    return lost, list(doubled.values())


def assert_acknowledgements(crowd, log, room=None):
    """Assert that each acknowledgement names the right line, in the order of saying."""
    by_id = {line.client_id: line for line in log if line.client_id}
    by_text = {(line.name, line.text): line for line in log if line.kind == "said"}
    for client in [*crowd.members, *crowd.guests]:
        last = 0
        for message in messages_in(client, room):
            if message.acknowledged_at is None:
                continue
            said = client.name, message.text
            line = by_id[message.client_id] if message.client_id else by_text[said]
            right = (line.name, line.text) == said and message.seq in (None, line.seq)
            assert right, f"acknowledged as something else: {said}, {line}"
            assert line.seq > last, f"{client} said it after {last}: {line}"
            last = line.seq


def messages_by_ledgers(crowd, log, room=None):
    """Return (messages that are in a client's ledger, all other messages) of a log."""
    ids = {message.client_id for member in crowd.members for message in messages_in(member, room)}
    texts = {(guest.name, text) for guest in crowd.guests for text in guest.ledger}
    known, unknown = [], []
    for line in log:
        if line.kind == "said":
            said = line.client_id in ids if line.client_id else (line.name, line.text) in texts
            (known if said else unknown).append(line)
    return known, unknown


def assert_all_were_said(unknown, may_say_unasked):
    """Assert that each message in no ledger comes from a name that may say such messages."""
    strange = [line for line in unknown if not may_say_unasked(line.name)]
    assert not strange, f"nobody said it: {len(strange)}, {strange[:5]}"


def refused_and_saved(guests, log):
    """Return the messages that guests were told are not sent, and that are in the log.

    Members are not asked: they send a refused message again under the same id, and it is saved
    once.
    """
    said = {(line.name, line.text) for line in log if line.kind == "said"}
    return [
        (guest.name, message.text)
        for guest in guests
        for message in guest.ledger.values()
        if message.refused_at and not message.may_be_saved
        if (guest.name, message.text) in said
    ]


def assert_sanctions_hold(log):
    """Assert that nobody speaks after the line that says that they may not.

    Those who have changed the rules of the room moderate it, and may speak while it is locked.
    Mutes in scenarios do not end by time.
    """
    moderators = {line.name for line in log if line.kind == "rules"}
    muted, is_locked = set(), False
    for line in log:
        match line.kind:
            case "notice" if line.text.startswith(f"{line.name} was muted"):
                muted.add(line.name)
            case "notice" if line.text == f"{line.name} may speak again":
                muted.discard(line.name)
            case "rules" if line.text in ("locked", "unlocked"):
                is_locked = line.text == "locked"
            case "said" | "edited" | "reacted":
                assert line.name not in muted, f"muted, and not silent: {line}"
                may_speak = not is_locked or line.kind != "said" or line.name in moderators
                assert may_speak, f"said in a locked room: {line}"


def assert_refused_are_not_saved(members, log):
    """Assert that no message is saved whose author was told that it never will be."""
    saved = {line.client_id: line for line in log if line.client_id}
    for member in members:
        for client_id, message in member.ledger.items():
            if message.refused is not None:
                found = saved.get(client_id)
                assert found is None, f"refused as {message.refused}, and saved: {found}"


def first_difference(found, expected):
    """Return where two sequences differ first, as text."""
    found, expected = list(found), list(expected)
    for index, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return f"at {index}: {one!r} instead of {other!r} (of {len(expected)})"
    return f"{len(found)} instead of {len(expected)}; next: {(found + expected)[-1:]}"
