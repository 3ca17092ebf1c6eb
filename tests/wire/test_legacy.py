"""The legacy line protocol."""

import datetime

import pytest

from chat.models import Line, Person
from chat.wire import legacy
from chat.wire.commands import (
    Help,
    History,
    HttpRequestLine,
    LineTooLong,
    Login,
    Logout,
    Look,
    Say,
    TextTooLong,
    UnknownCommand,
)

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)


def line(kind, name="alice", text="", **fields):
    """Return a row of the log."""
    fields = {"seq": 1, "at": NOON, "client_id": None, "guest": True, "of": None} | fields
    return Line(kind=kind, name=name, text=text, **fields)


@pytest.mark.parametrize(
    ("sent", "command"),
    [
        (b"login alice", Login("alice")),
        (b"login  alice b \t", Login("alice b")),
        (b"login", Login("")),
        (b"login ", Login("")),
        (b"say hello  there", Say("hello  there")),
        (b"say", Say("")),
        (b"say   ", Say("")),
        (b"look", Look()),
        (b"look at this", Look()),
        (b"logout now", Logout()),
        (b"help", Help()),
        (b"Look", UnknownCommand("Look")),
        (b" look", UnknownCommand("")),
        (b"look\tx", UnknownCommand("look\tx")),
        (b"\xef\xbb\xbflogin x", UnknownCommand("\ufefflogin")),
        ("say\u00a0x".encode(), UnknownCommand("say\u00a0x")),
        (b"", None),
        (" \t\u00a0\u2003\u3000\x1c".encode(), None),
        ("\u200b".encode(), UnknownCommand("\u200b")),
        (b"\x00", UnknownCommand("\x00")),
        (b"GET / HTTP/1.1", HttpRequestLine("GET")),
        (b"GET / HTTP/1.1 x", UnknownCommand("GET")),
        (b"say GET / HTTP/1.1", Say("GET / HTTP/1.1")),
        (b"caf\xe9 x", UnknownCommand("caf\ufffd")),
        (b"\xf2look", Look()),
        (b"\xf2\xf2say per\xf2", Say("per\ufffd")),
        (b"\xf2", None),
        ("\U00080000x".encode(), UnknownCommand("\U00080000x")),
        (b"\xf2\x80x", UnknownCommand("\ufffdx")),
    ],
)
def test_a_line_is_parsed_into_its_command(sent, command):
    assert legacy.parse_line(sent) == command


@pytest.mark.parametrize(
    ("argument", "limit"),
    [
        ("", 20),
        ("5", 5),
        ("0", 20),
        ("-1", 20),
        ("x", 20),
        ("5 6", 20),
        ("1_0", 20),
        ("٣", 20),
        ("200", 200),
        ("201", 200),
        ("007", 7),
        ("9" * 5000, 200),
    ],
)
def test_history_takes_a_number_up_to_200_and_defaults_to_20(argument, limit):
    assert legacy.parse_line(f"history {argument}".encode()) == History(limit)


def test_control_and_bidi_characters_of_a_message_become_spaces():
    sent = "say a\x00b\x1b[2Jc\rd\u202ee\u2066f\u2028g\u0085h\ti"
    assert legacy.parse_line(sent.encode()) == Say("a b [2Jc d e f g h\ti")


def test_harmless_characters_of_a_message_are_kept():
    text = "\ufdd0 a \ufeff <b> 👩‍👩‍👧 \u200f"
    assert legacy.parse_line(f"say {text}".encode()) == Say(text)


def test_a_message_may_have_4000_characters_and_no_more():
    assert legacy.parse_line(b"say " + "é".encode() * 4000) == Say("é" * 4000)
    assert legacy.parse_line(b"say " + "é".encode() * 4001) == TextTooLong()


def test_a_line_may_have_16384_bytes_and_a_longer_one_is_known_by_its_first_word():
    word = b"x" * legacy.MAX_LINE
    assert legacy.parse_line(word) == UnknownCommand("x" * legacy.MAX_LINE)
    assert legacy.parse_line(b"login " + word) == LineTooLong("login")
    assert legacy.parse_line(b"say " + word) == LineTooLong("say")


def test_every_line_of_a_message_begins_with_its_author():
    said = line("said", text="one\n\ntwo")
    assert legacy.encode(said) == b"alice: one\nalice: \nalice: two\n"
    assert legacy.history([said]) == [
        b"2026-01-02 12:30 alice: one\n2026-01-02 12:30 alice: \n2026-01-02 12:30 alice: two\n"
    ]


def test_a_reply_begins_with_what_it_quotes():
    said = line("said", text="one\ntwo", of=1, quote={"name": "bob", "text": "first words"})
    encoded = b"alice: > bob: first words\nalice: one\nalice: two\n"
    assert legacy.encode(said) == encoded
    assert legacy.history([said])[0].count(b"2026-01-02 12:30 alice: ") == 3
    gone = said._replace(quote={"name": "bob", "text": "", "removed": True})
    assert legacy.encode(gone).startswith(b"alice: > bob: (removed)\n")


def test_an_edit_shows_the_new_text_as_a_notice():
    assert legacy.encode(line("edited", text="a\nb", of=1)) == (
        b"* alice edited: a\n* alice edited: b\n"
    )
    for kind in ("edited", "reacted", "restored"):
        text = "" if kind == "edited" else "👍"
        assert legacy.encode(line(kind, text=text, of=1)) == b""


def test_lines_of_the_log_are_encoded_as_by_the_original_server():
    assert legacy.encode(line("said")) == b"alice: \n"
    assert legacy.encode(line("entered")) == b"alice has entered the room.\n"
    assert legacy.encode(line("left")) == b"alice has left the room.\n"
    assert legacy.encode(line("removed", of=1)) == b""
    assert legacy.encode(line("from a newer version")) == b""
    people = [Person(name="alice", guest=False), Person(name="bob", guest=True)]
    assert legacy.encode_people(people) == b"Online Users:\nalice\nbob\n"


def test_a_batch_is_joined_into_one_write_and_an_empty_one_into_none():
    assert legacy.batch([b"a\n", b"b\n"]) == [{"type": "tcp.send", "data": b"a\nb\n"}]
    assert legacy.batch([b""]) == []


@pytest.mark.parametrize("text", ["**a** @bob #garden `b`", "> a", "/me waves", "\\*a\\*"])
def test_formatting_is_shown_as_it_was_typed(text):
    said = line("said", text=text, spans=[[0, 2, "escape"], [2, 1, "bold"]])
    assert legacy.encode(said) == f"alice: {text}\n".encode()
