"""The filter for telnet's commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire.telnet import TelnetFilter


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"\xff\xfd\x01say hi\n", b"say hi\n"),
        (b"\xff\xfb\x1f\xff\xfe\x18say hi\n", b"say hi\n"),
        (b"\xffsay hi\n", b"say hi\n"),
        (b"login \xff\nsay hi\n", b"login \nsay hi\n"),
        (b"login \xff\rsay hi\r", b"login \rsay hi\r"),
        (b"say \xff\xf4a\xff\xf2b\n", b"say ab\n"),
        (b"\xff\xfd\nx\n", b"\nx\n"),
        (b"\xff\xfd\rx\r", b"\rx\r"),
        (b"\xff\xff\xfd\x01x\n", b"x\n"),
        (b"a\xff\xfa\x18\x00xterm\xff\xf0b\n", b"ab\n"),
        (b"a\xff\xfa\x18\xff\xff\x01\xff\xf0b\n", b"ab\n"),
        (b"a\xff\xfa\x18\nb\n", b"a\nb\n"),
        (b"a\xff\xfa\x18\rb\r", b"a\rb\r"),
        (b"a\xff\xfa\x18\xff\rb\r", b"a\rb\r"),
        (b"a\xff\xfa" + b"x" * 1024 + b"b\n", b"ab\n"),
        (b"a\xff\xeb\n", b"a\xeb\n"),
        (b"\xff\xfb\x06\xff\xfc\x06\xff\xfe\x06\xff\xfa\x06\xff\xf0x\n", b"x\n"),
        (b"\xff\xfd\xff\x06\n", b"\x06\n"),
    ],
)
def test_telnet_commands_are_removed_and_line_ends_are_kept(sent, kept):
    assert TelnetFilter().feed(sent) == [kept]


@pytest.mark.parametrize(
    ("sent", "pieces"),
    [
        (b"a\xff\xfd\x06b", [b"a", b"b"]),
        (b"\xff\xf4\xff\xfd\x06look\n", [b"", b"look\n"]),
        (b"\xff\xff\xfd\x06\xff\xfd\x06", [b"", b"", b""]),
        (b"\xff\xfa\x18\xff\xfd\x06\xff\xf0b", [b"b"]),
    ],
)
def test_the_data_is_divided_where_a_timing_mark_is_asked_for(sent, pieces):
    assert TelnetFilter().feed(sent) == pieces
    telnet, bytewise = TelnetFilter(), [b""]
    for byte in sent:
        first, *further = telnet.feed(bytes([byte]))
        bytewise[-1] += first
        bytewise += further
    assert bytewise == pieces


@pytest.mark.parametrize("text", ["Über", "Ярослав рисует Москву", "Ώ", "🏠", "🏃🏽", "ĂÃ"])
def test_a_letter_for_which_telnet_sends_the_command_of_a_key_is_restored(text):
    sent = text.encode()
    for byte, command in {0x83: 0xF4, 0x8F: 0xF5, 0x9A: 0xED, 0x9C: 0xF3}.items():
        sent = sent.replace(bytes([byte]), bytes([0xFF, command, 0xFF, 0xFD, 0x06]))
    assert sent != text.encode()
    assert b"".join(TelnetFilter().feed(sent)).decode() == text
    bytewise = TelnetFilter()
    assert b"".join(b"".join(bytewise.feed(bytes([byte]))) for byte in sent).decode() == text


@pytest.mark.parametrize("before", ["", "a", "ü", "€", "🏠"])
def test_a_key_that_is_pressed_between_letters_adds_none(before):
    sent = before.encode() + b"\xff\xf4\xff\xfd\x06b\n"
    assert b"".join(TelnetFilter().feed(sent)).decode() == f"{before}b\n"


@given(st.binary(max_size=300), st.sampled_from([b"\n", b"\r"]))
def test_no_line_end_is_ever_removed(stream, line_end):
    assert b"".join(TelnetFilter().feed(stream)).count(line_end) == stream.count(line_end)
