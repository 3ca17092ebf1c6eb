"""Write `chat/names/confusables.txt` from ICU. This needs PyICU, which the site does not.

Run it by hand when Unicode has a new version: `python -m tests.support.make_confusables`. At the
end it compares `chat.names.confusables.skeleton` with ICU on many random texts.
"""

import random
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

import icu

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from chat.names.confusables import TABLE, skeleton

HEADER = """\
# Characters that look alike: the prototype of each confusable character, for skeletons (UTS #39).
# Source: confusables.txt of Unicode {unicode}, by way of ICU {icu}'s SpoofChecker.
# Copyright Unicode, Inc.; Unicode License, https://www.unicode.org/license.txt
# Made by tests/support/make_confusables.py, not by hand. A line is PROTOTYPE:CHARACTERS, in hex. A
# character that decomposes into others of this table is left out: its parts are looked up.
"""
SAMPLES = 300_000
SURROGATES = range(0xD800, 0xE000)

checker = icu.SpoofChecker()
nfd = icu.Normalizer2.getNFDInstance().normalize
characters = [chr(point) for point in range(sys.maxunicode + 1) if point not in SURROGATES]


def icu_skeleton(text):
    return checker.getSkeleton(0, text)


def write_table():
    sources = defaultdict(list)
    for character in characters:
        prototype = icu_skeleton(character)
        if nfd(character) == character != prototype:
            sources[prototype].append(character)
    rows = (f"{in_hex(prototype)}:{in_hex(sources[prototype])}" for prototype in sorted(sources))
    header = HEADER.format(unicode=icu.UNICODE_VERSION, icu=icu.ICU_VERSION)
    TABLE.write_text(header + "\n".join(rows) + "\n", encoding="ascii")


def in_hex(text):
    return " ".join(f"{ord(character):X}" for character in text)


def compare():
    """Fail unless our skeletons equal those of ICU, for each character and for random texts."""
    # Only ICU decomposes the characters that are newer than the tables of this Python.
    known = [character for character in characters if unicodedata.category(character) != "Cn"]
    listed = [character for character in known if icu_skeleton(character) != character]
    for text in known:
        check(text)
    for _ in range(SAMPLES):
        check("".join(random.choice(random.choice((known, listed))) for _ in range(8)))


def check(text):
    if skeleton(text) != icu_skeleton(text):
        raise SystemExit(f"not ICU's skeleton: {text!a}")


if __name__ == "__main__":
    write_table()
    compare()
    print(f"{TABLE}: equal to ICU's on {SAMPLES} random texts")
