"""Damage of an SQLite database: a sample that takes a moment at each start, and a whole check.

SQLite notices damage only where it reads. A file may be opened, and fail with the first message.
The commonest cause is a copy that was put back beside the write-ahead log (`-wal`) of the database
that was there before: SQLite then takes pages of both.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chatsite.findings import Check

CHECKS = [
    Check(
        "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        "SQLite's integrity check says: {0}",
    )
]

NEWEST_ROWS = 200  # of each table and index that a sample reads

# The parts of a table that are sampled one by one: the name of a column, and its values.
Parts = tuple[str, list[Any]]


class Index(NamedTuple):
    """An index: its table, its columns, and the condition of a partial one (else `1`)."""

    name: str
    table: str
    columns: tuple[str, ...]
    condition: str


def sample(cursor: Any, parts: Mapping[str, Parts]) -> Iterator[str]:
    """Read the newest rows of all tables, through each index, and yield a sentence for each damage.

    `parts` are of tables of which the newest rows of each part are read. Damage that SQLite notices
    itself raises DatabaseError.
    """
    for table in _tables(cursor):
        _read_newest_rows(cursor, table)
        for index in _indexes(cursor, table):
            column, values = parts.get(table, ("", []))
            if index.columns[0] != column:
                values = [None]
            is_damaged = _lacks_entries(cursor, index) or any(
                _has_wrong_entries(cursor, index, value) for value in values
            )
            if is_damaged:
                yield f"the index {index.name} and the rows of {table} do not agree"


def _tables(cursor):
    """Return the names of the tables. Those in which FTS5 keeps its index are its own matter."""
    cursor.execute(
        "SELECT name FROM sqlite_master AS one WHERE type = 'table' AND NOT EXISTS ("
        " SELECT 1 FROM sqlite_master AS other WHERE other.sql LIKE 'CREATE VIRTUAL TABLE %%'"
        " AND substr(one.name, 1, length(other.name)) = other.name) ORDER BY name",
        [],
    )
    return [name for (name,) in cursor.fetchall()]


def _indexes(cursor, table):
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [table]
    )
    for name, sql in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [name])
        columns = tuple(column for (column,) in cursor.fetchall())
        if None not in columns:  # an index of expressions has no names for them
            _, _, condition = (sql or "").partition(" WHERE ")
            yield Index(name, table, columns, condition or "1")


def _read_newest_rows(cursor, table):
    """Read whole rows, also the parts of long texts that stand on pages of their own."""
    cursor.execute(f'SELECT * FROM "{table}" NOT INDEXED ORDER BY rowid DESC LIMIT {NEWEST_ROWS}')
    cursor.fetchall()


def _lacks_entries(cursor, index):
    """Return whether the newest rows of a table are missing in an index."""
    cursor.execute(
        f"""
        SELECT 1 FROM (
            SELECT rowid AS place, * FROM "{index.table}" NOT INDEXED
            ORDER BY rowid DESC LIMIT {NEWEST_ROWS}
        ) AS one
        WHERE {index.condition} AND NOT EXISTS (
            SELECT 1 FROM "{index.table}" AS other INDEXED BY "{index.name}"
            WHERE other.rowid = one.place AND {_same(index)} AND {index.condition}
        )
        """
    )
    return cursor.fetchone() is not None


def _has_wrong_entries(cursor, index, value):
    """Return whether the last entries of an index name rows that are missing or other ones."""
    part = "1" if value is None else f'"{index.columns[0]}" = %s'
    order = ", ".join(f'"{column}" DESC' for column in index.columns)
    columns = ", ".join(f'"{column}"' for column in index.columns)
    cursor.execute(
        f"""
        SELECT 1 FROM (
            SELECT rowid AS place, {columns} FROM "{index.table}" INDEXED BY "{index.name}"
            WHERE {part} AND {index.condition} ORDER BY {order} LIMIT {NEWEST_ROWS}
        ) AS one
        WHERE NOT EXISTS (
            SELECT 1 FROM "{index.table}" AS other NOT INDEXED
            WHERE other.rowid = one.place AND {_same(index)}
        )
        """,
        [] if value is None else [value],
    )
    return cursor.fetchone() is not None


def _same(index):
    return " AND ".join(f'other."{column}" IS one."{column}"' for column in index.columns)
