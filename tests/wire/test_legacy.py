"""The legacy protocol, without a socket."""

import datetime
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.models import Line, Person
from chat.wire import legacy as lines
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
from chat.wire.telnet import TelnetFilter

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)


def line(kind, name="alice", text="", **fields):
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
        (b"look\r", Look()),
        (b"look \r", Look()),
        (b"look\r\r", UnknownCommand("look\r")),
        (b"logout now", Logout()),
        (b"help", Help()),
        (b"Look", UnknownCommand("Look")),
        (b" look", UnknownCommand("")),
        (b"look\tx", UnknownCommand("look\tx")),
        (b"\xef\xbb\xbflogin x", UnknownCommand("\ufefflogin")),
        ("say\u00a0x".encode(), UnknownCommand("say\u00a0x")),
        (b"", None),
        (b"\r", None),
        (" \t\u00a0\u2003\u3000\x1c".encode(), None),
        ("\u200b".encode(), UnknownCommand("\u200b")),
        (b"\x00", UnknownCommand("\x00")),
        (b"GET / HTTP/1.1", HttpRequestLine("GET")),
        (b"GET / HTTP/1.1 x", UnknownCommand("GET")),
        (b"say GET / HTTP/1.1", Say("GET / HTTP/1.1")),
        (b"caf\xe9 x", UnknownCommand("caf\ufffd")),
    ],
)
def test_a_line_is_one_command(sent, command):
    assert lines.parse_line(sent) == command


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
def test_history_takes_a_number_up_to_200_and_else_gives_20(argument, limit):
    assert lines.parse_line(f"history {argument}".encode()) == History(limit)


def test_controls_and_bidi_marks_in_what_is_said_become_blanks():
    sent = "say a\x00b\x1b[2Jc\rd\u202ee\u2066f\u2028g\u0085h\ti"
    assert lines.parse_line(sent.encode()) == Say("a b [2Jc d e f g h\ti")


def test_harmless_characters_stay():
    text = "\ufdd0 a \ufeff <b> 👩‍👩‍👧 \u200f"
    assert lines.parse_line(f"say {text}".encode()) == Say(text)


def test_4000_characters_may_be_said_and_4001_not():
    assert lines.parse_line(b"say " + "é".encode() * 4000) == Say("é" * 4000)
    assert lines.parse_line(b"say " + "é".encode() * 4001) == TextTooLong()


def test_a_line_of_16384_bytes_is_read_and_a_longer_one_is_told_apart_by_its_word():
    word = b"x" * lines.MAX_LINE
    assert lines.parse_line(word) == UnknownCommand("x" * lines.MAX_LINE)
    assert lines.parse_line(word + b"\r") == UnknownCommand("x" * lines.MAX_LINE)
    assert lines.parse_line(b"login " + word) == LineTooLong("login")
    assert lines.parse_line(b"say " + word) == LineTooLong("say")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n", b"x\n", b"x\r\n", b"\rx\n"])
@pytest.mark.parametrize("length", range(lines.MAX_LINE - 2, lines.MAX_LINE + 4))
def test_a_long_line_is_the_same_in_pieces_of_any_size(length, end):
    line = b"say " + b"x" * (length - 4) + end
    for size in (1000, lines.MAX_LINE, len(line) - len(end), len(line) - 1):
        reader = lines.CommandReader()
        in_pieces = reader.feed(line[:size]) + reader.feed(line[size:]) + reader.feed(b"look\n")
        assert in_pieces == [lines.parse_line(line.removesuffix(b"\n")), Look()]


def test_what_never_ends_is_cut_at_one_mebibyte():
    reader = lines.CommandReader()
    assert reader.feed(b"x" * lines.MAX_UNENDED) == []
    with pytest.raises(lines.LineFlood):
        reader.feed(b"x")


def test_of_a_line_that_does_not_end_no_more_is_kept_than_is_ever_looked_at():
    reader = lines.CommandReader()
    tracemalloc.start()
    try:
        reader.feed(b"login x " + bytes(lines.MAX_UNENDED - 8))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 4 * lines.MAX_LINE
    assert reader.feed(b"\n") == [LineTooLong("login")]


def test_a_line_with_nothing_in_it_counts_as_a_line():
    assert lines.CommandReader().feed(b"\n\r\n  \nlook\n") == [None, None, None, Look()]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"\xff\xfd\x01say hi\n", b"say hi\n"),
        (b"\xff\xfb\x1f\xff\xfe\x18say hi\n", b"say hi\n"),
        (b"\xffsay hi\n", b"say hi\n"),
        (b"login \xff\nsay hi\n", b"login \nsay hi\n"),
        (b"say \xff\xf4a\xff\xf2b\n", b"say ab\n"),
        (b"\xff\xfd\nx\n", b"\nx\n"),
        (b"\xff\xff\xfd\x01x\n", b"x\n"),
        (b"a\xff\xfa\x18\x00xterm\xff\xf0b\n", b"ab\n"),
        (b"a\xff\xfa\x18\xff\xff\x01\xff\xf0b\n", b"ab\n"),
        (b"a\xff\xfa\x18\nb\n", b"a\nb\n"),
        (b"a\xff\xfa" + b"x" * 1024 + b"b\n", b"ab\n"),
        (b"a\xff\xeb\n", b"a\xeb\n"),
    ],
)
def test_telnet_commands_are_taken_out_and_no_line_end_with_them(sent, kept):
    assert TelnetFilter().feed(sent) == kept


FRAGMENTS = st.sampled_from(
    [b"\n", b"\r\n", b"say ", b"login bob", b"look", b"\xff", b"\xff\xfa", b"\xff\xf0", b"\xff\xfd"]
)
STREAMS = st.lists(FRAGMENTS | st.binary(max_size=8), max_size=40).map(b"".join)


@given(STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_any_bytes_in_any_pieces_give_the_same_commands(stream, cuts):
    whole = lines.CommandReader().feed(stream)
    reader, in_pieces = lines.CommandReader(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
        in_pieces += reader.feed(stream[start:end])
    assert in_pieces == whole


@given(st.binary(max_size=300))
def test_every_line_end_that_is_sent_is_seen(stream):
    assert TelnetFilter().feed(stream).count(b"\n") == stream.count(b"\n")


@given(STREAMS)
def test_what_is_echoed_is_valid_utf8(stream):
    for command in lines.CommandReader().feed(stream + b"\n"):
        if command is not None:
            assert b"\xff" not in lines.unknown_command(command.word)
            lines.unknown_command(command.word).decode()


def test_a_text_of_several_lines_names_its_author_on_each():
    said = line("said", text="one\n\ntwo")
    assert lines.encode(said) == b"alice: one\nalice: \nalice: two\n"
    assert lines.history([said]) == [
        b"2026-01-02 12:30 alice: one\n2026-01-02 12:30 alice: \n2026-01-02 12:30 alice: two\n"
    ]


def test_lines_of_the_log_read_as_the_original_wrote_them():
    assert lines.encode(line("said")) == b"alice: \n"
    assert lines.encode(line("entered")) == b"alice has entered the room.\n"
    assert lines.encode(line("left")) == b"alice has left the room.\n"
    assert lines.encode(line("removed", of=1)) == b""
    assert lines.encode(line("from a newer version")) == b""
    people = [Person("alice", False), Person("bob", True)]
    assert lines.encode_people(people) == b"Online Users:\nalice\nbob\n"


def test_a_batch_is_one_write_and_nothing_is_no_write():
    assert lines.batch([b"a\n", b"b\n"]) == [{"type": "tcp.send", "data": b"a\nb\n"}]
    assert lines.batch([b""]) == []
