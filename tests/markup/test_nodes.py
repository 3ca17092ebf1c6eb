"""The tree as which a formatted text is shown. The page makes the same trees."""

import json
from pathlib import Path

import pytest

from chat.markup.nodes import tree, without_action
from chat.markup.parsing import parse

CASES = json.loads(Path(__file__).with_name("trees.json").read_text())


def plain(nodes):
    """Return nodes as they stand in the file of cases."""
    return [
        node
        if isinstance(node, str)
        else {
            "kind": node.kind,
            **({} if node.value is None else {"value": node.value}),
            "children": plain(node.children),
        }
        for node in nodes
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_text_with_spans_is_a_tree(case):
    assert plain(tree(case["text"], case["spans"])) == case["tree"]


def test_what_somebody_does_is_shown_without_the_word():
    assert without_action("/me waves", ["/me waves"]) == ["waves"]
    spans = [[4, 1, "escape"], [5, 5, "italic"], [10, 1, "escape"]]
    nodes = without_action("/me *waves*", tree("/me *waves*", spans))
    assert plain(nodes) == [{"kind": "italic", "children": ["waves"]}]


@pytest.mark.parametrize("text", ["/me", "/meow", "me waves", "\\/me waves", " /me waves", "/ME x"])
def test_other_texts_are_no_actions(text):
    assert without_action(text, tree(text, parse(text).encoded())) is None
