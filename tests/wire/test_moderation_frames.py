"""The frames about moderation: those of moderators, reports, and what the server tells."""

import datetime
import json
import re

import pytest

from chat.consumers import moderation_commands
from chat.models.moderation import MAX_REASON, MAX_TARGET
from chat.room.mutes import Mute
from chat.wire import client_frames, frames, room_frames
from chat.wire.client_frames import parse
from chat.wire.moderation_commands import ACTIONS, Moderate, Report
from tests.support.client_frames import error_code
from tests.support.documents import read, rows, section

UNTIL = datetime.datetime(2026, 11, 30, 14, 5, tzinfo=datetime.UTC)


def moderate(**fields):
    return json.dumps({"type": "moderate", **fields})


def report(**fields):
    return json.dumps({"type": "report", **fields})


def test_a_moderators_frame_says_what_to_do_to_whom_for_how_long_and_why():
    frame = {
        "action": "mute",
        "target": " bob ",
        "duration": "10m",
        "reason": "too\nmuch",
        "room": 3,
    }
    assert parse(moderate(**frame)) == Moderate("mute", "bob", "10m", "too much", room=3)
    assert parse(moderate(action="lock")) == Moderate("lock")
    assert parse(moderate(action="lift", entry=7)) == Moderate("lift", entry=7)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "bad_frame"),
        ({"action": "dance"}, "bad_frame"),
        ({"action": ["mute"]}, "bad_frame"),
        ({"action": "mute", "target": 7}, "bad_frame"),
        ({"action": "lift", "entry": -1}, "bad_frame"),
        ({"action": "lift", "entry": "7"}, "bad_frame"),
        ({"action": "lock", "room": "3"}, "bad_frame"),
        ({"action": "mute", "target": "b" * (MAX_TARGET + 1)}, "bad_target"),
        ({"action": "mute", "duration": "1" * 17}, "bad_duration"),
        ({"action": "mute", "reason": "r" * (MAX_REASON + 1)}, "long_reason"),
    ],
)
def test_other_frames_of_moderators_are_refused(fields, code):
    assert error_code(moderate(**fields)) == code


def test_a_report_is_about_a_message_or_a_person_and_says_why():
    assert parse(report(seq=4, why=" spam ", room=3)) == Report("spam", seq=4, room=3)
    assert parse(report(name="bob", why="spam")) == Report("spam", name="bob")
    assert error_code(report(why="spam")) == "bad_frame"
    assert error_code(report(why="spam", seq=4, name="bob")) == "bad_frame"
    assert error_code(report(seq=4)) == "no_reason"
    assert error_code(report(seq=4, why=" \n")) == "no_reason"
    assert error_code(report(seq=4, why="r" * (MAX_REASON + 1))) == "long_reason"


def test_the_limits_are_those_of_the_log_of_moderation():
    assert (client_frames.MAX_REASON, client_frames.MAX_TARGET) == (MAX_REASON, MAX_TARGET)


def test_every_action_is_described_and_done_and_the_other_way_round():
    described = rows(section(read("chat/wire/README.md"), "Moderation"))
    listed = [name for action, *_ in described for name in re.findall(r"\w+", action)]
    assert sorted(listed) == sorted(ACTIONS)
    assert moderation_commands.ON_PEOPLE.keys() | moderation_commands.RULES.keys() == set(ACTIONS)


def test_times_are_in_utc_wherever_they_stand():
    told = {
        frames.error("muted", until=UNTIL)["text"],
        frames.done("moderate", entry=7, until=UNTIL)["text"],
        frames.bye("banned", until=UNTIL)["text"],
        room_frames.room("changed", {"muted": Mute(UNTIL, "spam")._asdict()})["text"],
    }
    assert all('"2026-11-30T14:05:00Z"' in text for text in told)
    assert '"seq"' not in frames.done("moderate", entry=7)["text"]
