"""The entries of the index have each word as it is sought, in the form of each database."""

import pytest
from django.db import connection

from chat.search import entries
from chat.search.words import words_of

PART = 1000  # characters of one entry


@pytest.mark.only_postgresql
@pytest.mark.django_db
def test_postgresql_reads_a_word_of_each_character():
    characters = [chr(code) for code in range(0x30000)]
    with connection.cursor() as cursor:
        for start in range(0, len(characters), PART):
            words = words_of(" ".join(characters[start : start + PART]))
            entry = entries.for_postgresql(words, ["§file"])
            cursor.execute("SELECT tsvector_to_array(%s::tsvector)", [entry])
            assert set(cursor.fetchone()[0]) == {*words, "§file"}


@pytest.mark.only_postgresql
@pytest.mark.django_db
def test_postgresql_knows_all_places_of_a_word_also_in_a_long_text():
    words = [f"word{number}" for number in range(len(entries.PLACES) + 50)]
    entry = entries.for_postgresql(["rose", *words, "rose"], ["§file"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT positions FROM unnest(%s::tsvector) WHERE lexeme = 'rose'", [entry])
        assert cursor.fetchone()[0] == [1, len(words) + 2]


def test_sqlite_gets_words_and_marks_with_blanks_around_each():
    assert entries.for_sqlite(["a", "rose"], ["§file"]) == " a rose §file "


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("see https://example.org", True),
        ("see WWW.example.org", True),
        ("http://localhost", True),
        ("a line. And another one...", False),
        ("a :// b", False),
        ("nothing", False),
    ],
)
def test_a_text_with_an_address_has_a_link(text, has):
    assert entries.contents(text, None, has_files=False) == ["link"] * has
