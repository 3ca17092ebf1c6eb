"""`manage.py about`: the versions of everything that matters for a report or an upgrade."""

import platform
from pathlib import Path

import django
from django.core.management import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chatsite import __version__
from chatsite.environment import exit_with


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
    return "all applied"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
