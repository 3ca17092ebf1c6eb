"""The emptying of the test database after each test that commits."""

from functools import cache

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import get_commands
from django.core.management.commands import flush
from django.db import connections, transaction

KEPT = {model._meta.db_table for model in (ContentType, Permission)}  # filled by `migrate`


def empty_tables_quickly():
    """Let Django's tests empty the tables with `EmptyTables`."""
    get_commands()["flush"] = EmptyTables()


class EmptyTables(flush.Command):
    """Deletes the rows of the tables that have any; there is nothing to tell the apps afterwards.

    Django's own command handles every table, and then lets each app fill an empty database: more
    work than most tests are.
    """

    def handle(self, *, database, **options):
        connection = connections[database]
        with connection.cursor() as cursor:
            cursor.execute(_which_have_rows(connection))
            tables = [table for (table,) in cursor.fetchall()]
            if tables:
                with transaction.atomic(database):  # references are checked at its end
                    for table in tables:
                        cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@cache
def _which_have_rows(connection):
    """Return the statement that selects the names of the tables that have rows."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
        for table in sorted(tables)
    )
