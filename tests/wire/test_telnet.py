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
def test_telnet_commands_are_removed_and_line_ends_are_kept(sent, kept):
    assert TelnetFilter().feed(sent) == kept


@given(st.binary(max_size=300))
def test_no_line_end_is_ever_removed(stream):
    assert TelnetFilter().feed(stream).count(b"\n") == stream.count(b"\n")
