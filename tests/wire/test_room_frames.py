"""The frames of the server about rooms besides the lobby."""

import datetime
import json

from chat.models import Line
from chat.room.people import RoomPerson
from chat.wire import frames, room_frames
from chat.wire.room_frames import RoomWire

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)
LINE = Line(seq=9, kind="said", name="alice", text="hi", at=NOON)


def decode(event):
    return json.loads(event["text"])


def test_the_lines_of_a_room_name_it_and_those_of_the_lobby_do_not():
    encoded = [frames.encode(LINE)]
    (event,) = RoomWire(3).batch(encoded)
    (lobby,) = frames.batch(encoded)
    assert decode(event) == {"type": "lines", "room": 3, "lines": [json.loads(encoded[0])]}
    assert "room" not in decode(lobby)
    assert RoomWire(3).encode(LINE) == encoded[0]


def test_wires_of_one_room_are_the_same_key():
    assert {RoomWire(3): "lines"}[RoomWire(3)] == "lines"
    assert RoomWire(3) != RoomWire(4)


def test_an_opened_room_has_what_a_welcome_has():
    person = RoomPerson("alice", guest=False, online=True, role="owner", since=NOON)
    event = room_frames.opened(
        room=3,
        seq=9,
        people=room_frames.encode_members([person]),
        encoded=[frames.encode(LINE)],
        reset=True,
        summary={"id": 3, "read": 7},
        skipped=[(1, 5, 3, 2)],
        missed=4,
    )
    frame = decode(event)
    assert [line["seq"] for line in frame.pop("lines")] == [9]
    assert frame == {
        "type": "opened",
        "room": 3,
        "seq": 9,
        "reset": True,
        "read": 7,
        "summary": {"id": 3, "read": 7},
        "skipped": [[1, 5, 3, 2]],
        "missed": 4,
        "people": [
            {
                "name": "alice",
                "guest": False,
                "online": True,
                "role": "owner",
                "since": "2026-01-02T12:30:00Z",
            }
        ],
    }


def test_answers_about_a_room_name_it():
    assert decode(frames.people(3, b"[]", room=7))["room"] == 7
    assert decode(frames.history(encoded=[], more=False, room=7))["room"] == 7
    assert decode(frames.said(None, 4, room=7))["room"] == 7
    assert decode(frames.error("no_room", room=7, answer="join")) == {
        "type": "error",
        "code": "no_room",
        "text": frames.TEXTS["no_room"],
        "client_id": None,
        "room": 7,
        "answer": "join",
    }


def test_a_change_of_a_room_says_what_it_answers_if_it_answers_anything():
    frame = {"type": "room", "change": "joined", "room": {"id": 3}}
    assert decode(room_frames.room("joined", {"id": 3})) == frame
    assert decode(room_frames.room("joined", {"id": 3}, "join")) == {**frame, "answer": "join"}


def test_news_of_a_room_have_the_counts_and_perhaps_a_line():
    counts = {"room": 3, "last": 9, "unread": 2, "mentions": 1}
    frame = {"type": "activity", **counts}
    assert decode(room_frames.activity(**counts)) == frame
    line = frames.encode(LINE)
    assert decode(room_frames.activity(**counts, line=line)) == {**frame, "line": json.loads(line)}
    assert decode(room_frames.read(3, 9, 2, 1)) == {
        "type": "read",
        "room": 3,
        "seq": 9,
        "unread": 2,
        "mentions": 1,
    }
