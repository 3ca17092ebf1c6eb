"""The names at the beginning of what somebody has typed."""

import pytest

from chat.names.typed import MAX_TYPED_NAME, leading_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("ann", [("ann", "")]),
        (
            "ann hello  there",
            [("ann hello  there", ""), ("ann hello", "there"), ("ann", "hello  there")],
        ),
        ('"ann b" hello "you"', [("ann b", 'hello "you"')]),
        ('" ann " hello', [("ann", "hello")]),
        ('"ann', [('"ann', "")]),
        ('""', [("", "")]),
    ],
)
def test_a_name_is_a_run_of_leading_words_or_quoted(text, names):
    assert leading_names(text) == names


def test_only_names_of_a_bounded_length_are_looked_at():
    assert leading_names("x" * MAX_TYPED_NAME) == [("x" * MAX_TYPED_NAME, "")]
    assert leading_names("x" * (MAX_TYPED_NAME + 1)) == []
    names = leading_names("a " * 5000)
    assert max(len(name) for name, _ in names) <= MAX_TYPED_NAME
    assert names[-1] == ("a", ("a " * 4999).strip())
    rest = "y" * 5000
    assert leading_names(f'"ann" {rest}') == [("ann", rest)]
    assert all(len(name) <= MAX_TYPED_NAME for name, _ in leading_names(f'"{rest}" x'))


def test_characters_that_stand_for_whole_phrases_count_for_these():
    assert len(leading_names("a " * 59 + "a")) == 60
    assert len(leading_names("ﷺ " * 60)) < 10
