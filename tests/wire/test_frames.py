"""The JSON frames of the WebSocket."""

import datetime
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.models import Line, Person
from chat.room.excerpts import Run
from chat.wire import frames
from chat.wire.commands import History, Logout, Look, Say

ID = "6f1c1a0e-0d3b-4b7e-9f57-0c6a2b1d9e11"
NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def say(text, client_id=ID):
    """Return the text of a `say` frame."""
    return json.dumps({"type": "say", "text": text, "client_id": client_id})


def error_code(text):
    """Return the code of the error that a frame is answered with."""
    with pytest.raises(frames.BadFrame) as raised:
        frames.parse(text)
    return raised.value.code


def message(seq=1, text="hi", **fields):
    """Return a line that alice said at noon."""
    fields = {"client_id": UUID(ID), "guest": False, "of": None} | fields
    return Line(seq=seq, kind="said", name="alice", text=text, at=NOON, **fields)


def test_each_type_of_frame_is_parsed_into_its_command():
    assert frames.parse(say(" hello ")) == Say("hello", UUID(ID))
    assert frames.parse('{"type": "look"}') == Look()
    assert frames.parse('{"type": "logout", "more": 1}') == Logout()
    assert frames.parse('{"type": "history", "before": 7, "limit": 5}') == History(5, before=7)
    assert frames.parse('{"type": "history", "before": 7}') == History(50, before=7)
    assert frames.parse('{"type": "history", "before": 7, "limit": 1000}') == History(100, before=7)
    assert frames.parse('{"type": "history", "after": 7}') == History(50, after=7)
    counted = frames.parse('{"type": "history", "before": 7, "count": "messages"}')
    assert counted == History(50, before=7, count_messages=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"say"',
        '{"type": 1}',
        "[" * 60_000,
        '{"type": "say", "text": "x"}',
        '{"type": "say", "text": "x", "client_id": "x"}',
        '{"type": "say", "text": "x", "client_id": 7}',
        f'{{"type": "say", "text": 7, "client_id": "{ID}"}}',
        '{"type": "history"}',
        '{"type": "history", "before": -1}',
        '{"type": "history", "before": 1.5}',
        '{"type": "history", "before": true}',
        '{"type": "history", "before": 9223372036854775808}',
        '{"type": "history", "before": 1, "limit": 0}',
        '{"type": "history", "after": -1}',
        '{"type": "history", "before": 9, "after": 1}',
        '{"type": "history", "before": ' + "9" * 5000 + "}",
    ],
)
def test_a_malformed_frame_has_the_error_bad_frame(text):
    assert error_code(text) == "bad_frame"


def test_an_unknown_type_and_an_empty_text_have_errors_of_their_own():
    assert error_code('{"type": "dance"}') == "unknown_type"
    assert error_code(say(" \n \t ")) == "empty"
    assert error_code(say("\x00\x1b")) == "empty"
    assert error_code(say("\u3164\n\u2800")) == "empty"


def test_an_error_carries_the_client_id_of_the_message():
    with pytest.raises(frames.BadFrame) as raised:
        frames.parse(say("x" * 4001))
    assert (raised.value.code, raised.value.client_id) == ("too_long", UUID(ID))


def test_a_message_may_have_4000_characters_and_100_lines_and_no_more():
    assert frames.parse(say("é" * 4000)).text == "é" * 4000
    assert frames.parse(say("x\n" * 99 + "x")).text.count("\n") == 99
    assert error_code(say("x\n" * 100 + "x")) == "too_long"


def test_a_frame_of_more_than_64_kib_is_too_long():
    assert error_code(say("é" * 40_000)) == "too_long"


def test_line_breaks_are_kept_and_other_control_characters_become_spaces():
    assert frames.parse(say("a\r\nb\rc\nd\x00e\u2028f\u202eg\th")).text == "a\nb\nc\nd e f g\th"


def test_half_of_a_surrogate_pair_becomes_the_replacement_character():
    text = f'{{"type": "say", "text": "\\ud83d\\ude00 \\ud83d x", "client_id": "{ID}"}}'
    assert frames.parse(text).text == "😀 \ufffd x"


@given(st.text())
def test_any_text_is_parsed_or_has_a_known_error(text):
    try:
        frames.parse(text)
    except frames.BadFrame as error:
        assert error.code in frames.TEXTS


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["say", "look", "history", "logout"]) | JSON,
            "text": st.text() | JSON,
            "client_id": st.just(ID) | JSON,
            "before": st.integers(0, 100) | JSON,
            "limit": st.integers(0, 100) | JSON,
        },
    )
)
def test_a_command_from_any_frame_can_be_stored(frame):
    try:
        command = frames.parse(json.dumps(frame))
    except frames.BadFrame:
        return
    if isinstance(command, Say):
        command.text.encode()
        assert "\x00" not in command.text
    if isinstance(command, History):
        assert 0 <= command.before < 2**63
        assert 1 <= command.limit <= 100


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
