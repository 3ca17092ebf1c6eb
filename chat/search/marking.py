"""The found words in the text of a hit, and the part of a long text that shows them."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from chat.search.words import PlacedWord, Sought, placed_words

MAX_SHOWN = 400  # characters of a text
MAX_BEFORE = 120  # characters before the first found word
ELLIPSIS = "…"


class Piece(NamedTuple):
    """A part of a text: found words, or what stands between them."""

    text: str
    is_found: bool = False


def pieces(text: str, sought: Sequence[Sought]) -> list[Piece]:
    """Return the text of a hit, or the part of it around the first found word, in pieces."""
    text = unicodedata.normalize("NFC", text)
    places = _merged(_places(list(placed_words(text)), sought))
    begin = _begin(text, places)
    end = min(len(text), begin + MAX_SHOWN)
    found = [Piece(ELLIPSIS)] if begin else []
    place = begin
    for start, stop in places:
        if start >= end:
            break
        found += [Piece(text[place:start]), Piece(text[start : min(stop, end)], is_found=True)]
        place = min(stop, end)
    found.append(Piece(text[place:end]))
    if end < len(text):
        found.append(Piece(ELLIPSIS))
    return [piece for piece in found if piece.text]


def _places(words: list[PlacedWord], sought: Sequence[Sought]) -> list[tuple[int, int]]:
    places = []
    for at, placed in enumerate(words):
        for each in sought:
            if each.is_prefix:
                if placed.word.startswith(each.words[0]):
                    places.append((placed.start, placed.start + 1))
            elif placed.word == each.words[0]:
                following = words[at : at + len(each.words)]
                if tuple(word.word for word in following) == each.words:
                    places.append((placed.start, following[-1].end))
    return places


def _merged(places):
    """Return the same places in their order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _begin(text, places):
    """Return where the shown part begins: at a blank, if the first found word is far away."""
    if not places or places[0][1] <= MAX_SHOWN - MAX_BEFORE or len(text) <= MAX_SHOWN:
        return 0
    begin = max(0, places[0][0] - MAX_BEFORE)
    blank = text.find(" ", begin, places[0][0])
    return blank + 1 if blank >= 0 else begin
