"""The language of searches: words, "phrases", `from:`, `in:`, `before:`, `after:` and `has:`."""

import re
from datetime import date
from typing import NamedTuple

from chat.search.words import Sought, sought_in

MAX_QUERY = 500  # characters
MAX_SOUGHT = 20  # words and phrases
MAX_NAMES = 10  # people, or rooms
HAS = ("file", "link", "code")
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)

OPERATORS = "from", "in", "before", "after", "has"
ITEM = re.compile(
    rf"\s*(?:(?P<operator>{'|'.join(OPERATORS)}):)?"
    r'(?:"(?P<phrase>[^"]*)(?P<end>"?)|(?P<plain>[^\s"]*))',
    re.IGNORECASE,
)
QUOTES = str.maketrans("“”„‟«»", '""""""')
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Mistaken(Exception):
    """A query that makes no sense. The text is a sentence for the person who typed it."""


class Query(NamedTuple):
    """A parsed query: everything in it must be true of a message.

    It is by one of `authors` and in one of `rooms`, if there are any, as typed. It is of `after` or
    later, and of a day before `before`, in UTC.
    """

    sought: tuple[Sought, ...] = ()
    authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    before: date | None = None
    after: date | None = None
    has: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Return the query that somebody has typed. Raises `Mistaken`."""
    if len(text) > MAX_QUERY:
        raise Mistaken(f"A search has at most {MAX_QUERY} characters.")
    collector = _Collector()
    text = text.replace("\0", " ").encode(errors="replace").decode()  # no database takes these
    text = text.translate(QUOTES).strip()
    place = 0
    while place < len(text):
        item = ITEM.match(text, place)
        assert item is not None  # every part of it may be empty
        if item["phrase"] is not None and not item["end"]:
            raise Mistaken('A quotation mark is missing: a phrase stands between two, "like this".')
        operator = (item["operator"] or "").lower()
        collector.add(operator, item["phrase"] if item["plain"] is None else item["plain"])
        place = item.end()
    return collector.query()


class _Collector:
    """Collects the parts of a query, and refuses those that make no sense."""

    def __init__(self) -> None:
        self._sought: list[Sought] = []
        self._values: dict[str, list[str]] = {operator: [] for operator in OPERATORS}

    def add(self, operator: str, value: str) -> None:
        value = value.strip()
        if not operator:
            self._sought += sought_in(value)
        elif not value:
            raise Mistaken(f"Something is missing behind {operator}: {EXAMPLES[operator]}")
        elif value not in self._values[operator]:
            self._values[operator].append(value)

    def query(self) -> Query:
        values = self._values
        if not self._sought and not any(values.values()):
            raise Mistaken("Type a word to search for. It has letters, digits or an emoji.")
        if len(self._sought) > MAX_SOUGHT:
            raise Mistaken(f"A search has at most {MAX_SOUGHT} words.")
        if max(map(len, values.values())) > MAX_NAMES:
            raise Mistaken(f"Each of from:, in: and the others may stand {MAX_NAMES} times.")
        before = min((_day("before", value) for value in values["before"]), default=None)
        after = max((_day("after", value) for value in values["after"]), default=None)
        if before and after and after >= before:
            raise Mistaken(f"No day is both before {before} and not before {after}.")
        return Query(
            sought=tuple(dict.fromkeys(self._sought)),
            authors=tuple(name.removeprefix("@") for name in values["from"]),
            rooms=tuple(values["in"]),
            before=before,
            after=after,
            has=tuple(map(_kind, values["has"])),
        )


EXAMPLES = {
    "from": 'from:alice, or from:"Mad Hatter" if the name has a blank.',
    "in": 'in:lobby, or in:"Rose Garden" if the name has a blank.',
    "before": "before:2026-11-30.",
    "after": "after:2026-11-30.",
    "has": "has:file, has:link or has:code.",
}


def _day(operator, value):
    if DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if EARLIEST <= day <= LATEST:
                return day
    raise Mistaken(f"“{value}” is not a day. Write the day like this: {EXAMPLES[operator]}")


def _kind(value):
    if value.lower() not in HAS:
        raise Mistaken(f"“{value}” cannot be searched for with has:. There are {EXAMPLES['has']}")
    return value.lower()
