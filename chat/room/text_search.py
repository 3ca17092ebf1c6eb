"""The search for words in the columns of tables that are small enough to be read."""

from functools import reduce
from operator import or_

from django.db.models import Q


def contains(field: str, word: str) -> Q:
    """Match a field that contains the word in any letter case.

    SQLite's `icontains` ignores the case of ASCII letters only. For other letters, the usual
    spellings are tried one by one.
    """
    spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.title()}
    conditions = (Q((f"{field}__icontains", spelling)) for spelling in spellings)
    return reduce(or_, conditions)
