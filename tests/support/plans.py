"""The statements that a call sends to the database, and the plans for them."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def run(sql):
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, None)
        return cursor.fetchall() if cursor.description else []


def plan(sql):
    """Return the steps of the database's plan for a statement."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    return [row[-1] for row in run(f"{explain} {sql}")]


def reads_of(table, call, *arguments):
    """Return the statements of a call that look for rows of a table."""
    with CaptureQueriesContext(connection) as captured:
        call(*arguments)
    statements = [each["sql"] for each in captured]
    return [sql for sql in statements if f'"{table}"' in sql and not sql.startswith("INSERT")]
