"""The people whose messages somebody does not want to see: each account has a list of its own.

People on a list are known by the keys of their names, so guests can be ignored too. Nobody is told
that they are ignored.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from chat.models import Ignored, Line, Presence, User
from chat.names.keys import key_of
from chat.room import asked
from chat.room.refusal import RefusalCode, Refused

MAX_IGNORED = 200  # people on a list
PERSON_SIGN = "@"


class Ignorer(NamedTuple):
    """The person who ignores others; a guest has no `user_id`."""

    user_id: int | None
    name: str


def find(ignorer: Ignorer, name: str, known: Collection[str]) -> str:
    """Return the name of somebody who can be put on a list with the `known` keys.

    It is that of an account, or of a guest who is here. Raises `Refused`.
    """
    key = key_of_typed(name)
    found = (
        User.objects.filter(key=key).values_list("username", flat=True).first()
        or Presence.objects.filter(key=key).values_list("name", flat=True).first()
    )
    if found is None:
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    if key == key_of(ignorer.name):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if key not in known and len(known) >= MAX_IGNORED:
        raise Refused(RefusalCode.TOO_MANY_IGNORED)
    return found


def key_of_typed(name: str) -> str:
    """Return the key of a name that somebody has typed, perhaps quoted or with an `@`."""
    name = name.replace("\0", " ")  # PostgreSQL cannot look for NUL
    return key_of(name.strip('"').removeprefix(PERSON_SIGN))


@transaction.atomic
def ignore(ignorer: Ignorer, name: str) -> str:
    """Put somebody on an account's list, and return their name. Raises `Refused`."""
    user_id = ignorer.user_id
    assert user_id is not None  # the list of a guest is not in the database
    # The row of the account is locked, so that commands at the same time keep the bound.
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    known = Ignored.objects.filter(user=user_id).values_list("key", flat=True)
    found = find(ignorer, name, set(known))
    Ignored.objects.get_or_create(user_id=user_id, key=key_of(found), defaults={"name": found})
    return found


def stop_ignoring(user_id: int, name: str) -> None:
    """Take somebody off an account's list; it does not matter whether they are on it."""
    Ignored.objects.filter(user=user_id, key=key_of_typed(name)).delete()


def listed(name: str, names: Mapping[str, str]) -> str:
    """Return the name of somebody on a list, {key: name}. Raises `Refused`."""
    try:
        return names[key_of_typed(name)]
    except KeyError:
        raise Refused(RefusalCode.NO_SUCH_PERSON) from None


def of_accounts(user_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return {account: {key: name}}, without accounts that ignore nobody."""
    found: dict[int, dict[str, str]] = {}
    rows = Ignored.objects.filter(user__in=user_ids).values_list("user_id", "key", "name")
    for user_id, key, name in rows:
        found.setdefault(user_id, {})[key] = name
    return found


def of_account(user_id: int) -> dict[str, str]:
    """Return {key: name} of the people whom an account ignores."""
    return of_accounts([user_id]).get(user_id, {})


def without_ignored(lines: Sequence[Line], keys: Collection[str]) -> list[Line]:
    """Return messages without those of people with some keys, also where replies quote them."""
    if not keys:
        return list(lines)
    return [without_quote(line, keys) for line in lines if key_of(line.name) not in keys]


def without_quote(line: Line, keys: Collection[str]) -> Line:
    """Return a line without the words that it quotes of a person with one of the keys."""
    if line.quote is None or key_of(line.quote["name"]) not in keys:
        return line
    return line._replace(quote=line.quote | {"text": ""})


USER_TABLE, IGNORED_TABLE = User._meta.db_table, Ignored._meta.db_table
OBJECT = {"postgresql": "json_object_agg", "sqlite": "json_group_object"}  # of two columns


def ignores_somebody_sql(user: str) -> str:
    """Return the SQL condition that an account, given as SQL, has anybody on its list."""
    return f"EXISTS (SELECT 1 FROM {IGNORED_TABLE} AS ignored WHERE ignored.user_id = {user})"


def ignored_sql(user: str) -> str:
    """Return the SQL of the list of an account, as the JSON of {key: name}.

    The statement is to be formatted with `object=OBJECT[vendor]`.
    """
    return f"""(
        SELECT CAST({{object}}(ignored.key, ignored.name) AS text) FROM {IGNORED_TABLE} AS ignored
        WHERE ignored.user_id = {user}
    )"""


NAMED = asked.table("named", "user_id", "author_id")
IGNORING = f"""
    SELECT named.user_id, named.author_id FROM {{named}}
    JOIN {USER_TABLE} AS author ON author.id = named.author_id
    JOIN {IGNORED_TABLE} AS ignored
        ON ignored.user_id = named.user_id AND ignored.key = author.key
"""


def ignoring(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of some (account, author) of which the account ignores the author."""
    if not pairs:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(IGNORING.format(named=NAMED[connection.vendor]), asked.arguments(pairs))
        return {(user_id, author_id) for user_id, author_id in cursor.fetchall()}
