"""The frames of clients of the WebSocket: messages, and frames of any kind."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire import client_frames, frames
from chat.wire.client_frames import parse
from chat.wire.commands import (
    History,
    Logout,
    Look,
    Say,
)
from chat.wire.frame_fields import BadFrame
from chat.wire.message_commands import Edit, React, Remove, Restore
from tests.support.client_frames import ID, error_code, say

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_each_type_of_frame_is_parsed_into_its_command():
    assert parse(say(" hello ")) == Say("hello", UUID(ID))
    assert parse('{"type": "look"}') == Look()
    assert parse('{"type": "logout", "more": 1}') == Logout()
    assert parse('{"type": "history", "before": 7, "limit": 5}') == History(5, before=7)
    assert parse('{"type": "history", "before": 7}') == History(50, before=7)
    assert parse('{"type": "history", "before": 7, "limit": 1000}') == History(100, before=7)
    assert parse('{"type": "history", "after": 7}') == History(50, after=7)
    counted = parse('{"type": "history", "before": 7, "count": "messages"}')
    assert counted == History(50, before=7, count_messages=True)


FORGED = {"spans": [[0, 5, "link"]], "name": "staff", "quote": {"name": "bob", "text": "I agree"}}


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "say", "text": "hello", "client_id": ID},
        {"type": "edit", "seq": 1, "text": "hello"},
    ],
    ids=["say", "edit"],
)
def test_a_client_decides_about_no_formatting_author_or_quote(frame):
    assert parse(json.dumps(frame | FORGED)) == parse(json.dumps(frame))


UPLOAD = "AbC-_" + "x" * 17


def say_files(files, text=""):
    return json.dumps({"type": "say", "text": text, "client_id": ID, "files": files})


def test_a_message_may_have_files_and_then_needs_no_text():
    assert parse(say_files([UPLOAD])) == Say("", UUID(ID), files=(UPLOAD,))
    assert parse(say_files([UPLOAD, UPLOAD], "hi")) == Say("hi", UUID(ID), files=(UPLOAD,))
    assert parse(say_files([], "hi")) == parse(say_files(None, "hi")) == Say("hi", UUID(ID))
    assert error_code(say_files([])) == "empty"


@pytest.mark.parametrize(
    "files",
    [
        *(UPLOAD, {}, 1, [1], [None], [UPLOAD + "x"], ["../" + "x" * 19], ["é" * 22], [[UPLOAD]]),
        [f"{number:022}" for number in range(11)],
    ],
)
def test_files_are_a_few_ids_of_uploads(files):
    assert error_code(say_files(files)) == "bad_frame"


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
    with pytest.raises(BadFrame) as raised:
        parse(say("x" * 4001))
    assert (raised.value.code, raised.value.client_id) == ("too_long", UUID(ID))


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        ({"type": "topic", "room": 3, "text": 7}, {"answer": "topic", "room": 3}),
        ({"type": "direct", "names": ["x"] * 8}, {"answer": "direct"}),
        ({"type": "level", "room": "3", "level": "all"}, {"answer": "level"}),
        ({"type": "say", "room": 3, "text": "", "client_id": ID}, {"room": 3}),
        ({"type": "dance", "room": 3}, {}),
    ],
)
def test_an_error_says_which_request_it_answers(frame, named):
    with pytest.raises(BadFrame) as raised:
        parse(json.dumps(frame))
    assert raised.value.named == named


def test_a_message_may_have_4000_characters_and_100_lines_and_no_more():
    assert parse(say("é" * 4000)).text == "é" * 4000
    assert parse(say("x\n" * 99 + "x")).text.count("\n") == 99
    assert error_code(say("x\n" * 100 + "x")) == "too_long"


def test_a_frame_of_more_than_64_kib_is_too_long():
    assert error_code(say("é" * 40_000)) == "too_long"


def test_line_breaks_are_kept_and_other_control_characters_become_spaces():
    assert parse(say("a\r\nb\rc\nd\x00e\u2028f\u202eg\th")).text == "a\nb\nc\nd e f g\th"


def test_half_of_a_surrogate_pair_becomes_the_replacement_character():
    text = f'{{"type": "say", "text": "\\ud83d\\ude00 \\ud83d x", "client_id": "{ID}"}}'
    assert parse(text).text == "😀 \ufffd x"


@given(st.text())
def test_any_text_is_parsed_or_has_a_known_error(text):
    try:
        parse(text)
    except BadFrame as error:
        assert error.code in frames.TEXTS


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(sorted(client_frames.COMMANDS)) | JSON,
            "room": st.integers(0, 100) | JSON,
            "text": st.text() | JSON,
            "client_id": st.just(ID) | JSON,
            "before": st.integers(0, 100) | JSON,
            "limit": st.integers(0, 100) | JSON,
        },
    )
)
def test_a_command_from_any_frame_can_be_stored(frame):
    try:
        command = parse(json.dumps(frame))
    except BadFrame:
        return
    if isinstance(command, Say):
        command.text.encode()
        assert "\x00" not in command.text
    if isinstance(command, History):
        assert 0 <= command.before < 2**63
        assert 1 <= command.limit <= 100
    assert 0 <= (getattr(command, "room", None) or 0) < 2**63


def test_frames_about_a_message_name_it_by_its_number():
    assert parse('{"type": "edit", "seq": 7, "text": " new\\r\\n"}') == Edit(7, "new")
    assert parse('{"type": "edit", "seq": 7, "text": "new", "room": 3}') == Edit(7, "new", room=3)
    assert parse('{"type": "remove", "seq": 7}') == Remove(7)
    assert parse('{"type": "restore", "seq": 7, "room": 3}') == Restore(7, room=3)
    assert parse('{"type": "react", "seq": 7, "emoji": "👍", "on": true}') == React(7, "👍")
    off = parse('{"type": "react", "seq": 7, "emoji": "👍", "on": false, "room": 3}')
    assert off == React(7, "👍", on=False, room=3)
    reply = json.dumps({"type": "say", "text": "yes", "client_id": ID, "reply": 7})
    assert parse(reply) == Say("yes", UUID(ID), reply=7)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "edit", "text": "x"}, "bad_frame"),
        ({"type": "edit", "seq": 1}, "bad_frame"),
        ({"type": "edit", "seq": 1, "text": " \x00"}, "empty"),
        ({"type": "edit", "seq": 1, "text": "x" * 4001}, "too_long"),
        ({"type": "edit", "seq": -1, "text": "x"}, "bad_frame"),
        ({"type": "edit", "seq": "1", "text": "x"}, "bad_frame"),
        ({"type": "remove"}, "bad_frame"),
        ({"type": "remove", "seq": 2**63}, "bad_frame"),
        ({"type": "restore", "seq": True}, "bad_frame"),
        ({"type": "restore", "seq": 1, "room": "lobby"}, "bad_frame"),
        ({"type": "react", "seq": 1, "emoji": "👍"}, "bad_frame"),
        ({"type": "react", "seq": 1, "on": True}, "bad_frame"),
        ({"type": "react", "seq": 1, "emoji": "x", "on": True}, "bad_emoji"),
        ({"type": "react", "seq": 1, "emoji": "\ud83d", "on": True}, "bad_emoji"),
        ({"type": "react", "seq": 1, "emoji": "👍" * 2000, "on": True}, "bad_emoji"),
        ({"type": "say", "text": "x", "client_id": ID, "reply": "1"}, "bad_frame"),
        ({"type": "say", "text": "x", "client_id": ID, "reply": -1}, "bad_frame"),
    ],
)
def test_a_wrong_frame_about_a_message_is_refused_with_what_it_names(fields, code):
    with pytest.raises(BadFrame) as raised:
        parse(json.dumps(fields))
    assert raised.value.code == code
    seq = fields.get("seq")
    is_number = isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**63
    named = {"seq": seq} if is_number else {}
    if fields["type"] != "say":
        named["answer"] = fields["type"]
    assert raised.value.named == named
