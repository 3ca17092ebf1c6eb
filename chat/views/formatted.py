"""Formatted messages as HTML, for pages without scripts and for the admin.

Each element is made of a node, and each text is escaped. No HTML is ever made from a text.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from chat.markup.nodes import LIST, Node, Nodes, leaves, text_between, tree, without_action
from chat.markup.spans import (
    BLOCK,
    BOLD,
    CODE,
    ITALIC,
    ITEM,
    LINK,
    MENTION,
    QUOTE,
    ROOM,
    STRIKE,
)
from chat.models import Line, Message

TAGS = {BOLD: "strong", ITALIC: "em", STRIKE: "s", CODE: "code", QUOTE: "blockquote"}
ADDRESS = re.compile("https?://", re.IGNORECASE)


def formatted_html(line: Line | Message, reader: str = "") -> SafeString:
    """Return a message as it is shown to the account with the name `reader`."""
    nodes = tree(line.text, line.spans)
    action = without_action(line.text, nodes)
    if action is None:
        return _html(nodes, reader)
    return format_html('<em><bdi class="actor">{}</bdi> {}</em>', line.name, _html(action, reader))


def plain_text(line: Line) -> str:
    """Return a message as plain text, without marks."""
    nodes = tree(line.text, line.spans)
    action = without_action(line.text, nodes)
    return leaves(nodes) if action is None else f"{line.name} {leaves(action)}"


def _html(nodes: Nodes, reader: str) -> SafeString:
    parts: Iterable[Any] = (
        text_between(nodes, index) if isinstance(node, str) else _element(node, reader)
        for index, node in enumerate(nodes)
    )
    return mark_safe("".join(map(conditional_escape, parts)))


def _element(node: Node, reader: str) -> SafeString | str:
    kind, children, value = node
    if kind == LINK:
        return _link(leaves(children), value)
    if kind == BLOCK:
        code = leaves(children).removesuffix("\n")
        return format_html('<pre tabindex="0"><code dir="ltr">{}</code></pre>', code)
    inner = _html(children, reader)
    if kind == MENTION:
        tag = "mark" if value == reader else "bdi"
        return format_html('<{} class="name">{}</{}>', mark_safe(tag), inner, mark_safe(tag))
    if kind == ROOM:
        return format_html('<a class="name" href="{}">{}</a>', reverse("room", args=[value]), inner)
    if kind in (LIST, ITEM):
        return _part_of_list(kind, value, inner)
    tag = mark_safe(TAGS[kind])
    return format_html("<{}>{}</{}>", tag, inner, tag)


def _link(address, host):
    if not ADDRESS.match(address):
        return address
    hint = format_html(' data-host="{}"', host) if host else ""  # it looks like another one
    return format_html(
        '<a href="{}" rel="noopener noreferrer nofollow"{}>{}</a>', address, hint, address
    )


def _part_of_list(kind, value, inner):
    if value is None:
        return format_html("<ul>{}</ul>" if kind == LIST else "<li>{}</li>", inner)
    template = '<ol start="{}">{}</ol>' if kind == LIST else '<li value="{}">{}</li>'
    return format_html(template, value, inner)
