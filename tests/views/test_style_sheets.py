"""The style sheets work in browsers that are two years old."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

pytestmark = pytest.mark.same_on_every_database

SHEETS = sorted(Path(settings.BASE_DIR, "static").rglob("*.css"))
# An engine that does not know one of these ignores the declaration; in a custom property it makes
# the value invalid wherever the property is used.
NEW_FUNCTIONS = ("light-dark(", "oklch(from", "contrast-color(", "calc-size(", "anchor(", "if(")


class Declaration(NamedTuple):
    """A declaration, and the rules and at-rules around it from the outside in."""

    around: tuple[str, ...]
    name: str
    value: str


def declarations(source):
    """Yield the declarations of a style sheet in their order."""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    around = []
    for text, end in re.findall(r"([^{};]*)([{};]|$)", source):
        text = " ".join(text.split())
        if end == "{":
            around.append(text)
            continue
        name, colon, value = text.partition(":")
        if colon and around:
            yield Declaration(tuple(around), name.strip(), value.strip())
        if end == "}":
            around.pop()


def is_new(declaration):
    return any(function in declaration.value for function in NEW_FUNCTIONS)


def is_condition(prelude):
    return prelude.startswith("@supports")


def without_fallback(source):
    """Yield the declarations that leave an older engine without a value.

    A custom property needs `@supports`, because an engine keeps its last value without reading it.
    """
    plain = set()
    for declaration in declarations(source):
        place = tuple(part for part in declaration.around if not is_condition(part))
        guarded = place != declaration.around
        if not is_new(declaration):
            if not guarded:
                plain.add((place, declaration.name))
            continue
        needs_condition = declaration.name.startswith("--")
        if (place, declaration.name) not in plain or (needs_condition and not guarded):
            yield f"{' '.join(declaration.around)} {declaration.name}"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_value_that_older_engines_lack_has_a_plain_one_before_it(sheet):
    assert list(without_fallback(sheet.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a { color: red; color: light-dark(red, blue) }", 0),
        ("a { color: light-dark(red, blue); color: red }", 1),
        ("a { --b: red; --b: light-dark(red, blue) }", 1),
        ("a { --b: red } @supports (new: 1) { a { --b: light-dark(red, blue) } }", 0),
        ("@supports (new: 1) { a { --b: light-dark(red, blue) } }", 1),
        ("a { b { color: red } color: light-dark(red, blue) }", 1),
    ],
)
def test_a_missing_fallback_is_found(source, found):
    assert len(list(without_fallback(source))) == found
