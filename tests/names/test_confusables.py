"""The table of characters that look alike."""

import unicodedata

import pytest
from hypothesis import given

from chat.names.confusables import TABLE, skeleton
from tests.support.names import anything


@pytest.mark.parametrize(
    ("text", "prototypes"),
    [
        ("alice", "alice"),
        ("paypаl", "paypal"),
        ("Im0|1", "lrnOll"),
        ("é", "e\u0301"),
        ("ﬁ", "fi"),
        ("ⅷ", "viii"),
        ("‼", "!!"),
        ("각", "\u1100\u1161\u1100"),
        ("", ""),
    ],
)
def test_a_skeleton_is_made_of_prototypes(text, prototypes):
    assert skeleton(text) == prototypes


@given(anything)
def test_a_skeleton_is_decomposed(text):
    assert skeleton(text) == unicodedata.normalize("NFD", skeleton(text))


def test_the_table_states_its_source_and_licence():
    header = TABLE.read_text(encoding="ascii").partition("\n20:")[0]
    assert "Unicode 15.0" in header
    assert "Unicode License" in header
