"""The lines of the legacy port that say who may speak in a room, or join it."""

from datetime import UTC, datetime

import pytest

from chat.models import Line
from chat.models.message import Rule
from chat.wire import legacy, rule_lines
from chat.wire.room_lines import RoomWire

NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


def line(text):
    return Line(kind="rules", name="ann", text=text, at=NOON, seq=1)


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_is_told_in_a_sentence(rule):
    text = "slow 30" if rule == Rule.SLOW else rule.value
    assert rule_lines.sentence(text).endswith(".")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("slow 30", "* ann has set slow mode: one message in 30 seconds.\n"),
        ("slow 1", "* ann has set slow mode: one message in 1 second.\n"),
        ("not_slow", "* ann has ended slow mode.\n"),
        ("locked", "* ann has locked the room: only moderators speak.\n"),
        ("a rule of a later version", ""),
    ],
)
def test_a_rule_is_shown_alike_in_all_rooms(text, shown):
    assert legacy.encode(line(text)).decode() == shown
    in_room = RoomWire.of("garden", []).encode(line(text)).decode()
    assert in_room == (shown and f"#garden {shown}")


def test_a_notice_is_shown_alike_in_all_rooms():
    notice = line("")._replace(kind="notice", text="bob was muted for 10 minutes: spam")
    assert legacy.encode(notice) == b"* bob was muted for 10 minutes: spam\n"
    in_room = RoomWire.of("garden", []).encode(notice)
    assert in_room == b"#garden * bob was muted for 10 minutes: spam\n"
