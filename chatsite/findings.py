"""Checks of a database. Each is a statement that finds rows which should not exist."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import Error

MOST_ROWS = 20  # findings of one check that get a sentence each


class Check(NamedTuple):
    """A statement, and the sentence for one of its rows, with `{0}` for the first column."""

    statement: str
    sentence: str


def find(cursor: Any, checks: Iterable[Check]) -> Iterator[str]:
    """Run checks in the present transaction, and yield a sentence for each finding.

    A statement that fails is a finding too: the database may be damaged where it reads.
    """
    for check in checks:
        cursor.execute("SAVEPOINT one_check")
        try:
            cursor.execute(check.statement)
            rows = cursor.fetchmany(MOST_ROWS + 1)
        except Error as error:
            cursor.execute("ROLLBACK TO SAVEPOINT one_check")
            yield f"a check fails: {one_line(error)}"
            continue
        yield from (check.sentence.format(*row) for row in rows[:MOST_ROWS])
        if len(rows) > MOST_ROWS:
            yield "the same is true of more rows than are listed"


def one_line(error: Exception) -> str:
    """Return the text of an error without line ends."""
    return " ".join(str(error).split())
