"""The sentences of the legacy port for what moderation does not allow."""

from chat.wire import refusal_lines

END = "14:05 UTC on 30 November"


def test_a_restraint_is_told_with_its_end_and_its_reason():
    told = refusal_lines.muted(END, "too loud")
    assert told == b"You are muted until 14:05 UTC on 30 November: too loud \n"
    assert refusal_lines.muted(None, "") == b"You are muted \n"
    assert refusal_lines.banned(None, "spam") == b"You are banned from that room: spam \n"
    told = refusal_lines.banned(END, "")
    assert told == b"You are banned from that room until 14:05 UTC on 30 November \n"


def test_a_reason_cannot_forge_a_line_or_command_a_terminal():
    told = refusal_lines.muted(None, "one\nbob: two\x1b[2J")
    assert told == b"You are muted: one bob: two [2J \n"


def test_a_time_to_wait_is_told_in_words():
    assert refusal_lines.too_soon(0.2) == b"Too soon, please try again in 1 second \n"
    assert refusal_lines.too_soon(None) == b"Too soon, please try again later \n"
    told = refusal_lines.too_soon(80_000, "not now")
    assert told == b"Too soon, please try again in 23 hours: not now \n"
    told = refusal_lines.waits(121)
    assert told == b"Slow mode: your message will be said in 3 minutes \n"
