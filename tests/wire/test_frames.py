"""The frames of the server on the WebSocket."""

import datetime
import json
from uuid import UUID

from chat.models import Line, Person
from chat.room.excerpts import Run
from chat.wire import frames

ID = "6f1c1a0e-0d3b-4b7e-9f57-0c6a2b1d9e11"
NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)


def message(seq=1, text="hi", **fields):
    """Return a line that alice said at noon."""
    fields = {"client_id": UUID(ID), "guest": False, "of": None} | fields
    return Line(seq=seq, kind="said", name="alice", text=text, at=NOON, **fields)


def test_a_line_is_encoded_with_its_public_fields_only():
    assert json.loads(frames.encode(message())) == {
        "seq": 1,
        "kind": "said",
        "name": "alice",
        "text": "hi",
        "at": "2026-01-02T12:30:00Z",
        "client_id": ID,
        "guest": False,
        "of": None,
    }
    assert json.loads(frames.encode(message(text="", removed=True)))["removed"] is True


def test_a_line_has_a_field_for_each_content_that_it_has():
    content = {
        "spans": [[0, 2, "bold"]],
        "reactions": {"👍": ["bob"]},
        "files": [{"name": "photo.jpg"}],
        "quote": {"name": "bob", "text": "hello"},
    }
    encoded = json.loads(frames.encode(message(edited=NOON, **content)))
    assert encoded == json.loads(frames.encode(message())) | content | {
        "edited": "2026-01-02T12:30:00Z"
    }


def test_a_batch_fills_frames_of_at_most_64_kib_in_order():
    encoded = [frames.encode(message(seq, "é" * 4000)) for seq in range(1, 31)]
    events = frames.batch(encoded)
    assert all(len(event["text"].encode()) <= frames.MAX_FRAME for event in events)
    numbers = [line["seq"] for event in events for line in json.loads(event["text"])["lines"]]
    assert numbers == list(range(1, 31))
    assert 3 < len(events) < 10


def test_the_longest_message_fits_into_one_frame():
    (event,) = frames.batch([frames.encode(message(text="\U0001f600" * 4000))])
    assert len(event["text"].encode()) <= frames.MAX_FRAME


def test_the_welcome_has_the_place_of_the_member_the_people_and_the_lines():
    event = frames.welcome(
        room="Lobby",
        you="alice",
        account=7,
        seq=9,
        people=frames.encode_people([Person(name="alice", guest=False)]),
        encoded=[frames.encode(message(9))],
        reset=False,
        skipped=[Run(first=3, last=8, entered=4, left=2)],
        missed=12,
        rooms=[{"id": 1, "slug": "lobby"}],
    )
    frame = json.loads(event["text"])
    assert [line["seq"] for line in frame.pop("lines")] == [9]
    assert frame == {
        "type": "welcome",
        "room": "Lobby",
        "you": "alice",
        "account": 7,
        "seq": 9,
        "people": [{"name": "alice", "guest": False}],
        "reset": False,
        "skipped": [[3, 8, 4, 2]],
        "missed": 12,
        "rooms": [{"id": 1, "slug": "lobby"}],
    }


def test_the_other_frames_have_the_fields_that_the_readme_lists():
    bob = frames.encode_people([Person(name="bob", guest=True)])
    assert json.loads(frames.people(3, bob)["text"]) == {
        "type": "people",
        "seq": 3,
        "people": [{"name": "bob", "guest": True}],
    }
    assert json.loads(frames.history(encoded=[], more=False)["text"]) == {
        "type": "history",
        "lines": [],
        "more": False,
    }
    assert json.loads(frames.said(UUID(ID), 4)["text"]) == {
        "type": "said",
        "client_id": ID,
        "seq": 4,
    }
    assert json.loads(frames.error("empty")["text"]) == {
        "type": "error",
        "code": "empty",
        "text": frames.TEXTS["empty"],
        "client_id": None,
    }
    assert json.loads(frames.bye("restart", 3)["text"]) == {
        "type": "bye",
        "code": "restart",
        "retry_in": 3,
    }


def test_the_reactions_of_a_line_come_in_one_order():
    encoded = {
        frames.encode(message(reactions=dict(pairs)))
        for pairs in ([("👍", ["a"]), ("🎉", ["b"])], [("🎉", ["b"]), ("👍", ["a"])])
    }
    assert len(encoded) == 1


def test_a_change_without_a_line_is_answered_by_done():
    done = {"type": "done", "answer": "react", "seq": 7}
    assert json.loads(frames.done("react", 7)["text"]) == done
    assert json.loads(frames.done("react", 7, room=3)["text"]) == done | {"room": 3}
