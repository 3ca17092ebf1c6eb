"""The key by which names are compared."""

import re
import sys
import time
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.names.confusables import skeleton
from chat.names.guests import first_word
from chat.names.keys import MAX_COMPARED, MAX_KEY, MAX_NAME, key_of
from tests.support.names import anything, plain_words


@pytest.mark.parametrize(
    "same",
    [
        ["alice", "Alice", "ALICE", "аlice", "aIice", "a1ice", "a|ice", "ａｌｉｃｅ", "𝒶𝓁𝒾𝒸ℯ"],
        ["alice", "ali\u200dce", "al\u00adice", "alice\u3164", "\ufeffalice", "alice\ufe0f"],
        ["alice", "AL1CE", "al|ce", "alіce"],
        ["bob", "Bob", "b0b", "B0B", "bоb", "BОB"],
        ["maria", "MARIA", "Maria", "rnaria"],
        ["Zoë", "ZOË", "zoe\u0308"],
        ["alice bob", "alice  bob", "alice\u00a0bob", " alice\tbob\u3000"],
        ["straße", "STRASSE"],
        ["ann", "ᴀɴɴ", "Aɴɴ", "ANN"],
        ["maria", "ᴍᴀʀɪᴀ", "Ꮇaria", "мaria"],
        ["the quick brown fov jumps", "ᴛʜᴇ ǫᴜɪᴄᴋ ʙʀᴏᴡɴ ꜰᴏᴠ ᴊᴜᴍᴘꜱ".replace("ǫ", "ꞯ")],
        ["lazy dog", "ʟᴀᴢʏ ᴅᴏɢ"],
        ["علی\u200cرضا", "علیرضا"],
        ["क्\u200dष", "क्ष", "क्\u200cष"],
    ],
)
def test_names_that_look_the_same_have_the_same_key(same):
    assert len({key_of(name) for name in same}) == 1


@pytest.mark.parametrize(
    "names", [["alice", "bob", "maria", "mario"], ["alice", "alicé"], ["bob", "bobb", "bo b"]]
)
def test_names_that_look_different_have_different_keys(names):
    assert len({key_of(name) for name in names}) == len(names)


def test_a_key_fits_the_database_even_if_the_name_expands():
    longest = "\ufdfa" * MAX_NAME
    assert len(unicodedata.normalize("NFKC", longest)) > MAX_KEY
    assert len(key_of(longest)) <= MAX_KEY
    assert key_of(longest) != key_of(longest[1:])


@given(anything)
@example("\ud800" * 500)
def test_every_text_has_a_key(name):
    assert len(key_of(name)) <= MAX_KEY


@given(anything)
@example("m" * (MAX_COMPARED + 1))
@example("\ufdfa" * MAX_NAME)
@example("Ꮇ%‰ᗰ𝈋")
def test_a_key_is_its_own_key(name):
    assert key_of(key_of(name)) == key_of(name)


def test_every_small_capital_of_a_letter_is_the_letter():
    for character in map(chr, range(sys.maxunicode + 1)):
        match = re.fullmatch(r"(\w+) LETTER SMALL CAPITAL (\w+)", unicodedata.name(character, ""))
        with suppress(KeyError):
            if match:
                letter = unicodedata.lookup(f"{match[1]} SMALL LETTER {match[2]}")
                assert key_of(character) in (key_of(letter), skeleton(character)), character


@pytest.mark.parametrize("name", ["a" + "\u0301\u0316" * 499, "\ufdfa" * 1000, "\u0301" * 200_000])
def test_the_key_of_a_hostile_name_is_found_quickly(name):
    started = time.thread_time()
    key_of(name)
    assert time.thread_time() - started < 1  # about ten milliseconds on an idle machine


@given(plain_words)
def test_a_key_does_not_depend_on_case(name):
    assert key_of(name) == key_of(name.upper()) == key_of(name.lower()) == key_of(name.title())


@given(anything, st.sampled_from(" \t\u00a0\u3000\u2028"), st.sampled_from("\u200b\u2060\ufe0f"))
def test_a_key_does_not_depend_on_invisible_characters(name, blank, ignorable):
    assert key_of(f"{blank}{name}{ignorable}{blank}") == key_of(name)


@given(anything)
def test_a_key_does_not_depend_on_how_accents_are_written(name):
    key = key_of(name)
    assert key == key_of(unicodedata.normalize("NFC", name))
    assert key == key_of(unicodedata.normalize("NFD", name))


@pytest.mark.parametrize("name", ["alice\u2800", "\u2800alice", "alice\U0001d159"])
def test_blank_symbols_do_not_change_the_key(name):
    assert key_of(name) == key_of("alice")
    assert key_of(first_word(f"{name}\u2800smith")) == key_of("alice")
