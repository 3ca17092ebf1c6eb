"""`manage.py about`: the versions of everything that matters for a report or an upgrade."""

import platform
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chat.names import key_of
from chatsite import __version__
from chatsite.environment import exit_with

ALL_APPLIED = "all applied"


class Command(BaseCommand):
    help = "Show the versions of Chatsite, Django, Python and the database, and its migrations."
    requires_system_checks = []

    def handle(self, *args, **options):
        self.stdout.write(f"Chatsite {__version__}")
        self.stdout.write(f"Django {django.__version__}, Python {platform.python_version()}")
        database = connection.copy()
        # A pool would retry for seconds and log each attempt.
        database.settings_dict["OPTIONS"].pop("pool", None)
        try:
            self.show(database)
        except DatabaseError as error:
            exit_with(f"the database cannot be reached: {_first_line(error)}")
        finally:
            database.close()

    def show(self, database):
        name = database.settings_dict["NAME"]
        if database.vendor == "sqlite" and not Path(name).exists():
            # Connecting would create an empty file.
            exit_with(f"there is no database yet: `manage.py migrate` creates {name}")
        version = ".".join(str(number) for number in database.get_database_version())
        migrations = describe_migrations(MigrationExecutor(database))
        self.stdout.write(f"{database.display_name} {version}, database {name}")
        self.stdout.write(f"Migrations: {migrations}")
        if migrations == ALL_APPLIED:
            for sentence in describe_old_keys(database):
                self.stdout.write(sentence)


def describe_migrations(executor: MigrationExecutor) -> str:
    """Return one sentence about the migrations that are missing or unknown, if any."""
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    missing = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    if missing:
        return f"{len(missing)} to apply with `manage.py migrate`: {', '.join(missing)}"
    known = executor.loader.disk_migrations.keys()
    apps = {app for app, _ in known}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations.keys() - known
        if app in apps
    )
    if unknown:
        return f"the database is newer than this version, which does not have {', '.join(unknown)}"
    return ALL_APPLIED


def describe_old_keys(database) -> Iterator[str]:
    """Yield a sentence for each account that could not get the key of its name in an upgrade.

    Another account had a name that looks the same.
    """
    with database.cursor() as cursor:
        cursor.execute("SELECT id, username, key FROM chat_user ORDER BY id")
        accounts = cursor.fetchall()
    others = {key: (pk, name) for pk, name, key in accounts}
    for pk, name, key in accounts:
        if key != (present_key := key_of(name)):
            sentence = f"Names: “{name}” (id {pk}) keeps the key that it had in an earlier version"
            if present_key in others:
                other_pk, other_name = others[present_key]
                sentence += f", because it looks like “{other_name}” (id {other_pk})"
            yield sentence


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
