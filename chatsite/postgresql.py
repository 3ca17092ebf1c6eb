"""Checks of PostgreSQL: its connection, and damage that the site's user can find."""

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from chatsite.findings import Check

# The tables and indexes that the connection finds without naming a schema.
RELATIONS = """
    SELECT relation.oid::regclass::text FROM pg_class AS relation
    JOIN pg_am AS method ON method.oid = relation.relam
    WHERE pg_table_is_visible(relation.oid) AND relation.relkind = %s AND method.amname = %s
        AND relation.relnamespace <> 'pg_catalog'::regnamespace
    ORDER BY 1
"""


def connect_once(connection: BaseDatabaseWrapper) -> None:
    """Connect and disconnect without the pool, which tries for seconds and hides the cause.

    Raises Django's OperationalError.
    """
    direct = connection.copy()
    direct.settings_dict["OPTIONS"].pop("pool", None)
    try:
        direct.ensure_connection()
    finally:
        direct.close()


def checks(cursor: Any) -> Iterator[Check]:
    """Yield checks that read every row, and compare the indexes with the rows if that is possible.

    It is possible with the extension `amcheck`, for users that may call its functions.
    """
    for table in _relations(cursor, "r", "heap"):
        # Converting a row to text reads long values, which are stored apart.
        yield Check(f"SELECT 1 FROM {table} AS row HAVING SUM(LENGTH(row::text)) < 0", "")
    if can_check_indexes(cursor):
        for index in _relations(cursor, "i", "btree"):
            yield Check(f"SELECT 1 WHERE bt_index_check('{index}', true) IS NULL", "")


def can_check_indexes(cursor: Any) -> bool:
    """Return whether the extension `amcheck` is there, and its functions may be called."""
    cursor.execute(
        "SELECT has_function_privilege(to_regprocedure('bt_index_check(regclass, boolean)'),"
        " 'EXECUTE')"
    )
    return cursor.fetchone()[0] is True


def _relations(cursor, kind, method):
    cursor.execute(RELATIONS, [kind, method])
    return [name for (name,) in cursor.fetchall()]
