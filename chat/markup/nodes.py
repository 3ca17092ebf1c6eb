"""A formatted text as a tree, from which pages and mails are made.

static/chat/core/formatting.js makes the same tree for the room's page; one file of cases holds both
(tests/markup/trees.json).
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Union

from chat.markup.spans import BLOCK, ESCAPE, ITEM, QUOTE, Span, decode

LIST = "list"
BLOCKS = frozenset({LIST, QUOTE, BLOCK})
ACTION = "/me "


class Node(NamedTuple):
    """A part of the tree: the kind and value of its span, or a list of items.

    The value of a list and of its items is the number, if they have numbers.
    """

    kind: str
    children: list[Union["Node", str]]
    value: str | None = None


Nodes = list[Node | str]


def tree(text: str, spans: Iterable[list[Any]] | None) -> Nodes:
    """Return the nodes of a text with its spans, as they are kept."""
    if not spans:
        return [text] if text else []
    found = decode(text, spans)
    return _nodes(text, found, 0, len(text))


def without_action(text: str, nodes: Nodes) -> Nodes | None:
    """Return the nodes of what somebody does, as in `/me waves`; None for other messages."""
    if not text.startswith(ACTION):
        return None
    first, *others = nodes
    rest = str(first).removeprefix(ACTION)
    return [rest, *others] if rest else others


def _nodes(text: str, spans: Sequence[Span], place: int, end: int) -> Nodes:
    """Return the nodes from a place to an end. `spans` are those in between, in their order."""
    nodes: Nodes = []
    index = 0
    while index < len(spans):
        span = spans[index]
        inner = index + 1
        while inner < len(spans) and spans[inner].end <= span.end:
            inner += 1
        _add_text(nodes, text[place : span.start])
        if span.kind != ESCAPE:
            children = _nodes(text, spans[index + 1 : inner], span.start, span.end)
            _add(nodes, Node(span.kind, children, span.value))
        place, index = span.end, inner
    _add_text(nodes, text[place:end])
    return nodes


def _add(nodes, node):
    """Add a node. Items that follow each other are one list."""
    if node.kind != ITEM:
        nodes.append(node)
        return
    before = nodes[-1] if nodes else None
    if _is_list_for(before, node):
        before.children.append(node)
    else:
        nodes.append(Node(LIST, [node], node.value))


def _is_list_for(before, item):
    """Return whether an item goes on with a list: both have numbers, or neither has."""
    is_list = isinstance(before, Node) and before.kind == LIST
    return is_list and (before.value is None) == (item.value is None)


def _add_text(nodes, text):
    """Add a text to the text before it, from which a mark may have separated it."""
    if text and nodes and isinstance(nodes[-1], str):
        nodes[-1] += text
    elif text:
        nodes.append(text)


def text_between(nodes: Nodes, index: int) -> str:
    """Return the text of a node, as it is shown between blocks.

    Blocks have a distance from what stands beside them, so one empty line is left out there.
    """
    text = str(nodes[index])
    if index > 0 and _is_block(nodes[index - 1]):
        text = text.removeprefix("\n")
    if index + 1 < len(nodes) and _is_block(nodes[index + 1]) and text.endswith("\n\n"):
        text = text[:-1]
    return text


def _is_block(node):
    return isinstance(node, Node) and node.kind in BLOCKS


def leaves(nodes: Nodes) -> str:
    """Return the text of some nodes."""
    return "".join(node if isinstance(node, str) else leaves(node.children) for node in nodes)
