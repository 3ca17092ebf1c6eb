"""The division of a stream of bytes into commands of the legacy line protocol."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire import legacy
from chat.wire.commands import (
    HttpRequestLine,
    LineTooLong,
    Look,
    Say,
    TimingMark,
    UnknownCommand,
)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\r\0", b"x\n", b"x\r\n", b"xx\x7f\n"])
@pytest.mark.parametrize("length", range(legacy.MAX_LINE - 2, legacy.MAX_LINE + 4))
def test_a_long_line_is_the_same_command_in_chunks_of_any_size(length, end):
    line = b"say " + b"x" * (length - 4) + end
    for size in (1000, legacy.MAX_LINE, len(line) - len(end), len(line) - 1):
        reader = legacy.CommandReader()
        in_chunks = reader.feed(line[:size]) + reader.feed(line[size:]) + reader.feed(b"look\n")
        expected = line.rstrip(b"\r\n\0").replace(b"x\x7f", b"")
        assert in_chunks == [legacy.parse_line(expected), Look()]


def test_more_than_one_mebibyte_without_a_line_end_is_a_flood():
    reader = legacy.CommandReader()
    assert reader.feed(b"x" * legacy.MAX_UNENDED) == []
    with pytest.raises(legacy.LineFlood):
        reader.feed(b"x")


def test_an_unfinished_line_takes_only_the_memory_of_the_bytes_that_are_parsed():
    reader = legacy.CommandReader()
    tracemalloc.start()
    try:
        reader.feed(b"login x " + bytes(legacy.MAX_UNENDED - 8))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 4 * legacy.MAX_LINE
    assert reader.feed(b"\n") == [LineTooLong("login")]


def test_a_blank_line_is_reported_as_none():
    assert legacy.CommandReader().feed(b"\n\r\n  \nlook\n") == [None, None, None, Look()]


LOOK_TWICE = [Look(), Look()]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"look\nlook\n", LOOK_TWICE),
        (b"look\r\nlook\r\n", LOOK_TWICE),
        (b"look\r\0look\r\0", LOOK_TWICE),
        (b"look\rlook\r", LOOK_TWICE),
        (b"look \rlook\r\nlook\n", [*LOOK_TWICE, Look()]),
        (b"\nlook\r", [None, Look()]),
        (b"look\r\r\n", [Look(), None]),
        (b"look\n\r", [Look(), None]),
        (b"look\r\n\n", [Look(), None]),
        (b"look\r\n\0\n", [Look(), UnknownCommand("\0")]),
        (b"look\r\0\0\n", [Look(), UnknownCommand("\0")]),
        (b"look\0\n\0look\n", [UnknownCommand("look\0"), UnknownCommand("\0look")]),
        (b"look\r\xff\xf1\nlook\n", LOOK_TWICE),
        (b"look\r\xff\xfd\x01\0look\n", LOOK_TWICE),
        (b"look\r\x7f\nlook\n", [Look(), None, Look()]),
        (b"say one\rsay two\r", [Say("one"), Say("two")]),
        (b"GET / HTTP/1.1\rHost", [HttpRequestLine("GET")]),
    ],
)
def test_cr_lf_and_cr_nul_and_cr_and_lf_each_end_a_line(sent, read):
    assert legacy.CommandReader().feed(sent) == read
    reader = legacy.CommandReader()
    assert [command for byte in sent for command in reader.feed(bytes([byte]))] == read


@pytest.mark.parametrize("erasure", [b"\x7f", b"\x08"])
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (b"say helo#lo", Say("hello")),
        (b"say hello###", Say("he")),
        (b"lokk##ok", Look()),
        (b"#look", Look()),
        (b"xx#####look", Look()),
        (b"x#", None),
        (b"login x ########say hi", Say("hi")),
        ("say añ#n".encode(), Say("an")),
        ("say 日本##x".encode(), Say("x")),
        ("say e\u0301#x".encode(), Say("x")),
        ("say ae\u0301\u0323\u20dd#x".encode(), Say("ax")),
        ("say कि#x".encode(), Say("x")),
        ("say 😀😀#".encode(), Say("😀")),
        ("say ❤\ufe0f1\ufe0f\u20e3##x".encode(), Say("x")),
        # A code point at a time, as in a terminal; a ZWJ, a flag's half or a skin tone is one.
        ("say 👩\u200d👧#".encode(), Say("👩\u200d")),
        ("say 👩\u200d👧##".encode(), Say("👩")),
        ("say 👍🏽#".encode(), Say("👍")),
        ("say 🇩🇪#".encode(), Say("🇩")),
        ("\u0301\u0301#look".encode(), Look()),
        (b"say a\xe9#b", Say("ab")),
        (b"say a\xe2\x82#\xacb", Say("a\ufffdb")),
        (b"say a\xf0\x9f\x98#b", Say("ab")),
        (b"say a\xe2\x82\xac\xac#b", Say("a€b")),
        (b"say a\xed\xa0\x80#b", Say("a\ufffd\ufffdb")),
        (b"say a\xc0\x80#b", Say("a\ufffdb")),
        (b"say a\xff\xf1#b", Say("b")),
    ],
)
def test_bs_and_del_erase_the_character_before_them(typed, read, erasure):
    sent = typed.replace(b"#", erasure) + b"\n"
    assert legacy.CommandReader().feed(sent) == [read]
    reader = legacy.CommandReader()
    assert [command for byte in sent for command in reader.feed(bytes([byte]))] == [read]


def test_nothing_is_erased_beyond_the_begin_of_the_line():
    assert legacy.CommandReader().feed(b"say a\r\x7f\x7f\nlook\n\x08\n") == [
        Say("a"),
        None,
        Look(),
        None,
    ]


@pytest.mark.parametrize("size", [1, 100, legacy.MAX_LINE, 1 << 20])
@pytest.mark.parametrize(
    ("length", "erased", "read"),
    [
        (legacy.MAX_LINE + 1, 1, UnknownCommand("x" * legacy.MAX_LINE)),
        (legacy.KEPT_BYTES, legacy.KEPT_BYTES, Look()),
        (legacy.KEPT_BYTES, 1, LineTooLong("x" * legacy.MAX_LINE)),
        (legacy.KEPT_BYTES + 1, legacy.KEPT_BYTES + 1, LineTooLong("x" * legacy.MAX_LINE)),
    ],
)
def test_a_long_line_may_be_shortened_while_all_of_it_is_kept(length, erased, read, size):
    sent = b"x" * length + b"\x7f" * erased + b"look" * (length == erased) + b"\n"
    reader, found = legacy.CommandReader(), []
    for start in range(0, len(sent), size):
        found += reader.feed(sent[start : start + size])
    assert found == [read]


def test_erased_bytes_count_for_the_flood():
    reader = legacy.CommandReader()
    with pytest.raises(legacy.LineFlood):
        reader.feed(b"x\x7f" * (legacy.MAX_UNENDED // 2) + b"x")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"say a\n\xff\xfd\x06look\n", [Say("a"), TimingMark(), Look()]),
        (b"lo\xff\xf4\xff\xfd\x06ok\n", [TimingMark(), Look()]),
        (b"look\r\xff\xfd\x06\nlook\r", [Look(), TimingMark(), Look()]),
        (b"\xff\xfd\x06\xff\xfd\x06", [TimingMark(), TimingMark()]),
    ],
)
def test_a_timing_mark_has_its_place_among_the_commands(sent, read):
    assert legacy.CommandReader().feed(sent) == read
    reader = legacy.CommandReader()
    assert [command for byte in sent for command in reader.feed(bytes([byte]))] == read


FRAGMENTS = st.sampled_from(
    [
        *(
            b"\n",
            b"\r\n",
            b"\r",
            b"\r\0",
            b"\0",
            b"\x7f",
            b"\x08\x08",
            "e\u0301".encode(),
            "é😀".encode(),
        ),
        *(b"say ", b"login bob", b"look", b"x" * 20000),
        *(b"\xff", b"\xff\xfa", b"\xff\xf0", b"\xff\xfd", b"\xff\xfd\x06"),
    ]
)
STREAMS = st.lists(FRAGMENTS | st.binary(max_size=8), max_size=40).map(b"".join)


@given(STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_any_bytes_give_the_same_commands_in_any_chunks(stream, cuts):
    whole = legacy.CommandReader().feed(stream)
    reader, in_chunks = legacy.CommandReader(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
        in_chunks += reader.feed(stream[start:end])
    assert in_chunks == whole


@given(STREAMS)
def test_the_echo_of_an_unknown_command_is_valid_utf8(stream):
    for command in legacy.CommandReader().feed(stream + b"\n"):
        if command not in (None, TimingMark()):
            assert b"\xff" not in legacy.unknown_command(command.word)
            legacy.unknown_command(command.word).decode()
