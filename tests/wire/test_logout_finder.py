"""A `logout` that is seen before its turn."""

import pytest

from chat.wire.logout_finder import LogoutFinder


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"logout\n", True),
        (b"\r\n\nlook\r\nlogout\r\nsay late\r\n", True),
        (b"logout now\r", True),
        (b"look\nlogout", False),
        (b"say logout\nLogout\nlogouts\n", False),
        (b"", False),
        (b"logout" + b"x" * 40_000 + b"\n", False),
    ],
)
def test_a_logout_is_found_however_it_comes(data, expected):
    whole, in_bytes = LogoutFinder(), LogoutFinder()
    whole.feed(data)
    for place in range(len(data)):
        in_bytes.feed(data[place : place + 1])
    assert (whole.found, in_bytes.found) == (expected, expected)


def test_what_was_found_stays():
    finder = LogoutFinder()
    finder.feed(b"logout\n")
    finder.feed(b"look\n")
    assert finder.found
