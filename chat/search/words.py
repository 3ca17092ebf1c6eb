"""The words of a text, as they are indexed and sought, on every database alike.

Upper and lower case are the same, and so are letters with and without accents. Scripts that are
written without blanks between words, such as Chinese, are taken as pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

MAX_WORD = 64  # characters of a word; the rest of a longer one is ignored

# Most texts are ASCII, whose characters are all known. A regular expression takes twice as long.
ASCII_FOLDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
# Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(f"(?P<unspaced>[{UNSPACED}]+)|[^\\s{UNSPACED}]+")
# Accents of Latin, Greek and Cyrillic, and the vowel points of Hebrew and Arabic. Marks of other
# scripts make another letter, such as a Japanese one with a voiced sound.
ACCENT = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")
# Letters that Unicode does not take apart.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
VARIATION_SELECTORS = range(0xFE00, 0xFE10)


class _Folds(dict[int, str]):
    """The replacement of each character: a part of a word, a blank between words, or nothing."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if unicodedata.category(char) in ("Cn", "Co", "Cs"):
            return " "  # there are a million of them, which would fill the memory
        self[code] = folded = _fold(char)
        return folded


def _fold(char: str) -> str:
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    letters = unicodedata.normalize("NFC", ACCENT.sub("", letters)).translate(LETTERS)
    return "".join(map(_part, letters))


def _part(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf" or ord(char) in VARIATION_SELECTORS:
        return ""
    if category == "So":  # an emoji is a word
        return f" {char} "
    return char if char.isalnum() or category[0] == "M" else " "


_FOLDS = _Folds()


class PlacedWord(NamedTuple):
    """A word of a text, and where it begins and ends there."""

    word: str
    start: int
    end: int


class Sought(NamedTuple):
    """Words that stand one after the other. With `is_prefix` the only word may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, as they are indexed.

    A run of an unspaced script is its pairs of characters, and then its last character, so that
    single characters are found too.
    """
    if text.isascii():
        words = text.translate(ASCII_FOLDS).split()
        return words if len(text) <= MAX_WORD else [word[:MAX_WORD] for word in words]
    words = []
    for run in RUN.finditer(unicodedata.normalize("NFC", text).translate(_FOLDS)):
        if run["unspaced"]:
            words += _pairs(run[0])
            words.append(run[0][-1])
        else:
            words.append(run[0][:MAX_WORD])
    return words


def _pairs(run):
    return [run[index : index + 2] for index in range(len(run) - 1)]


def sought_in(text: str) -> list[Sought]:
    """Return what is to be found for a word or a phrase; nothing if it has no letter or digit."""
    found: list[Sought] = []
    phrase: list[str] = []
    for run in RUN.finditer(unicodedata.normalize("NFC", text).translate(_FOLDS)):
        if not run["unspaced"]:
            phrase.append(run[0][:MAX_WORD])
            continue
        # The last character of a run is indexed by itself, so no phrase goes over its end.
        if pairs := _pairs(run[0]):
            found.append(Sought((*phrase, *pairs)))
        else:
            found += [Sought(tuple(phrase))] if phrase else []
            found.append(Sought((run[0],), is_prefix=True))
        phrase = []
    return [*found, Sought(tuple(phrase))] if phrase else found


def placed_words(text: str) -> Iterator[PlacedWord]:
    """Yield the words of a text in NFC as `words_of` does, with their places."""
    folded, starts = [], []
    for start, char in enumerate(text):
        part = _FOLDS[ord(char)]
        folded.append(part)
        starts += [start] * len(part)
    for run in RUN.finditer("".join(folded)):
        first, last = run.span()
        if not run["unspaced"]:
            yield PlacedWord(run[0][:MAX_WORD], starts[first], starts[last - 1] + 1)
            continue
        for index in range(first, last):
            word = run[0][index - first : index - first + 2]
            yield PlacedWord(word, starts[index], starts[min(index + 1, last - 1)] + 1)


def contains(words: list[str], sought: Sought) -> bool:
    """Return whether indexed words contain what is sought."""
    first = sought.words[0]
    if sought.is_prefix:
        return any(word.startswith(first) for word in words)
    size = len(sought.words)
    return any(
        word == first and tuple(words[at : at + size]) == sought.words
        for at, word in enumerate(words)
    )
