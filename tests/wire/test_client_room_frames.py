"""The frames of clients that are about rooms and the people in them."""

import json
from uuid import UUID

import pytest

from chat.models import Membership
from chat.models.room import MAX_TOPIC
from chat.room.creation import MAX_DIRECT
from chat.wire import client_frames, frames, room_lines
from chat.wire.client_frames import parse
from chat.wire.commands import (
    Close,
    Direct,
    History,
    Invite,
    Join,
    Look,
    MarkUnread,
    Open,
    Part,
    Read,
    Say,
    SetFavourite,
    SetLevel,
    SetTopic,
)
from chat.wire.ignore_commands import AskIgnored, Ignore, Unignore
from tests.support.client_frames import ID, error_code


def test_a_frame_may_name_the_room_that_it_is_about():
    text = json.dumps({"type": "say", "text": "hi", "client_id": ID, "room": 3})
    assert parse(text) == Say("hi", UUID(ID), room=3)
    assert parse('{"type": "look", "room": 3}') == Look(room=3)
    history = parse('{"type": "history", "before": 7, "room": 3}')
    assert history == History(50, before=7, room=3)
    assert parse('{"type": "look", "room": null}') == Look()


def test_people_are_ignored_by_their_names():
    for kind, command in (("ignore", Ignore), ("ignores", AskIgnored), ("unignore", Unignore)):
        assert parse(json.dumps({"type": kind, "name": " bob "})) == command("bob")
        for name in (None, 7, ["bob"]):
            assert error_code(json.dumps({"type": kind, "name": name})) == "bad_frame"


def test_frames_about_rooms_are_parsed_into_their_commands():
    opening = parse('{"type": "open", "room": 3, "after": 0, "count": "messages"}')
    assert opening == Open(room=3, after=0, count_messages=True)
    assert parse('{"type": "open", "room": 3}') == Open(room=3)
    assert parse('{"type": "close", "room": 3}') == Close(room=3)
    assert parse('{"type": "join", "room": 3}') == Join(room=3)
    assert parse('{"type": "part", "room": 3}') == Part(room=3)
    assert parse('{"type": "topic", "room": 3, "text": " a "}') == SetTopic(3, " a ")
    assert parse('{"type": "invite", "room": 3, "name": " bob "}') == Invite(3, "bob")
    assert parse('{"type": "direct", "names": ["bob", "eve"]}') == Direct(("bob", "eve"))
    assert parse('{"type": "level", "room": 3, "level": "all"}') == SetLevel(3, "all")
    assert parse('{"type": "favourite", "room": 3, "on": true}') == SetFavourite(3, on=True)
    assert parse('{"type": "read", "room": 3, "seq": 9}') == Read(3, 9)
    assert parse('{"type": "unread", "room": 3, "seq": 9}') == MarkUnread(3, 9)


ROOM_FRAMES = ["open", "close", "join", "part"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "topic", "room": 3}', "bad_frame"),
        ('{"type": "topic", "room": 3, "text": 7}', "bad_frame"),
        ('{"type": "invite", "room": 3}', "bad_frame"),
        ('{"type": "invite", "room": 3, "name": "%s"}' % ("x" * 151), "no_person"),
        ('{"type": "direct", "names": "bob"}', "bad_frame"),
        ('{"type": "direct", "names": []}', "bad_frame"),
        ('{"type": "direct", "names": [7]}', "bad_frame"),
        ('{"type": "direct", "names": ["a","b","c","d","e","f","g","h"]}', "bad_frame"),
        ('{"type": "level", "room": 3, "level": ["all"]}', "bad_frame"),
        ('{"type": "favourite", "room": 3, "on": 1}', "bad_frame"),
        ('{"type": "favourite", "on": true}', "bad_frame"),
        ('{"type": "read", "room": 3}', "bad_frame"),
        ('{"type": "read", "room": 3, "seq": 9223372036854775808}', "bad_frame"),
        ('{"type": "unread", "room": 3, "seq": -1}', "bad_frame"),
    ],
)
def test_a_frame_with_a_wrong_field_has_an_error(text, code):
    assert error_code(text) == code


def test_names_and_topics_can_be_stored():
    topic = parse('{"type": "topic", "room": 3, "text": "\\ud83d \\u0000 \\u202e x"}')
    topic.text.encode()
    invitation = parse('{"type": "invite", "room": 3, "name": "\\ud83d"}')
    assert invitation.name == "\ufffd"


@pytest.mark.parametrize("kind", ["look", *ROOM_FRAMES])
@pytest.mark.parametrize("room", ["x", 1.5, True, -1, 2**63, [], {}])
def test_a_room_that_is_no_id_has_the_error_bad_frame(kind, room):
    assert error_code(json.dumps({"type": kind, "room": room})) == "bad_frame"


@pytest.mark.parametrize("kind", ROOM_FRAMES)
def test_frames_about_rooms_name_one(kind):
    assert error_code(json.dumps({"type": kind})) == "bad_frame"


@pytest.mark.parametrize("after", ["x", 1.5, -1, 2**63])
def test_a_room_is_opened_after_a_number(after):
    assert error_code(json.dumps({"type": "open", "room": 3, "after": after})) == "bad_frame"


def test_the_limits_of_frames_are_those_of_rooms():
    assert set(client_frames.LEVELS) == set(Membership.Level.values)
    assert client_frames.MAX_NAMES == MAX_DIRECT - 1
    assert str(MAX_TOPIC) in frames.TEXTS["long_topic"]
    assert str(MAX_TOPIC) in room_lines.TOPIC_TOO_LONG.decode()
