"""Checks of the database: a quick one at each start, and one that reads everything.

Both look at the file (SQLite), at the migrations, and at the tables and columns. The quick one then
reads a sample of the rows, the other one everything.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, Error, InternalError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import ForeignKey

from chat.models import Message, migration_state
from chat.room import file_soundness, log
from chat.room.log_soundness import LATE_COUNTERS, LOG_CHECKS, PRESENCE_CHECKS
from chatsite import postgresql
from chatsite.findings import Check, find, one_line
from chatsite.sqlite3 import damage, files

HOW_TO_RESTORE = "restore a backup as chatsite/DATA.md says"
# SQLite's errors when it cannot write, also to the files beside a database that it only reads.
FULL_DISK = "disk I/O error", "database or disk is full"


class UnusableDatabase(OperationalError):
    """This version cannot use the database. The text is one sentence for the operator."""


# At each start


def check_at_start() -> None:
    """Raise `UnusableDatabase` when the site cannot be served with this database.

    With SQLite this takes a moment, because the newest rows are read through every index.
    """
    check_file()
    try:
        if connection.vendor == "postgresql":
            postgresql.connect_once(connection)
        check_tables()
        finding = next(_sample(), None)
    except Error as error:
        raise UnusableDatabase(explain(error)) from error
    if finding:
        raise UnusableDatabase(_damaged(finding))


def is_up_to_date() -> bool:
    """Return whether all migrations are applied. Raises `UnusableDatabase` for unusable files."""
    check_file(may_be_missing=True)
    return not migration_state.missing(MigrationExecutor(connection))


def check_file(*, may_be_missing: bool = False) -> None:
    """Raise `UnusableDatabase` when there is no file of an SQLite database, or an unusable one."""
    path = _path()
    if _has_file():
        if problem := files.find_problem(path):
            raise UnusableDatabase(f"{_name()} {problem}")
        if not may_be_missing and not Path(path).exists():  # connecting would create an empty file
            raise UnusableDatabase(f"there is no database yet: `manage.py migrate` creates {path}")


def check_tables() -> None:
    """Raise `UnusableDatabase` unless the tables are those of this version."""
    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        raise UnusableDatabase(f"{_name()} is empty: `manage.py migrate` creates its tables")
    if sentence := migration_state.describe_unusable(executor):
        raise UnusableDatabase(sentence)
    if migration_state.missing(executor):
        raise UnusableDatabase("the database is not up to date: run `manage.py migrate` first")
    try:
        _look_at_columns()
    except DatabaseError as error:
        raise UnusableDatabase(
            f"{_name()} lacks something that this version needs ({one_line(error)}): "
            f"{HOW_TO_RESTORE}"
        ) from error


def _look_at_columns():
    """Name every column of every table to the database, which reads no row."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = quote(model._meta.db_table)
            columns = ", ".join(f"{table}.{quote(f.attname)}" for f in model._meta.concrete_fields)
            cursor.execute(f"SELECT {columns} FROM {table} WHERE 1 = 0")


def _sample() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            parts = {Message._meta.db_table: ("room_id", log.room_ids())}
            yield from damage.sample(cursor, parts)
        cursor.execute(LATE_COUNTERS.statement)
        yield from (LATE_COUNTERS.sentence.format(*row) for row in cursor.fetchall())


# All of it


def find_all() -> Iterator[str]:
    """Read the whole database, as it is at one moment, and yield a sentence for each finding.

    Others can write meanwhile. Raises `UnusableDatabase` when the tables are not those of this
    version.
    """
    check_file()
    check_tables()
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        # SQLite's BEGIN is deferred, and reads without a lock that others would wait for.
        cursor.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield from find(cursor, damage.CHECKS if is_sqlite else postgresql.checks(cursor))
            yield from find(cursor, [*_reference_checks(), *LOG_CHECKS, *PRESENCE_CHECKS])
            yield from file_soundness.find_missing()
        finally:
            cursor.execute("ROLLBACK")


def _reference_checks() -> Iterator[Check]:
    """Yield checks that every row that is referred to exists."""
    quote = connection.ops.quote_name
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey):
                table, other = model._meta.db_table, field.target_field.model._meta.db_table
                column, target = quote(field.attname), quote(field.target_field.attname)
                yield Check(
                    f"SELECT one.{quote(model._meta.pk.attname)}, one.{column}"
                    f" FROM {quote(table)} AS one WHERE one.{column} IS NOT NULL AND NOT EXISTS"
                    f" (SELECT 1 FROM {quote(other)} AS other WHERE other.{target} = one.{column})",
                    f"row {{0}} of {table} refers to row {{1}} of {other}, which does not exist",
                )


# Sentences


def explain(error: Error) -> str:
    """Return one sentence for the operator about an error of the database."""
    if isinstance(error, UnusableDatabase):
        return str(error)
    if _has_file() and (problem := files.find_problem(_path())):
        return f"{_name()} {problem}"
    if _has_file() and str(error) in FULL_DISK and files.is_disk_full(_path()):
        return f"{_name()} cannot be used, because its disk is full"
    if _has_file() and "file is not a database" in str(error):
        return f"{_name()} is not an SQLite database"
    # Python's sqlite3 raises the base class itself for damaged files.
    if type(error) is DatabaseError or isinstance(error, InternalError):
        return _damaged(one_line(error))
    return f"the database cannot be used: {one_line(error)}"


def _damaged(finding):
    return f"{_name()} is damaged ({finding}): {HOW_TO_RESTORE}"


def _name():
    return f"the database {_path()}" if _has_file() else "the database"


def _path():
    return connection.settings_dict["NAME"]


def _has_file():
    """Return whether the database is a file, and not one in memory as in some tests."""
    return connection.vendor == "sqlite" and not connection.is_in_memory_db()
