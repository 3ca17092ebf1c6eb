"""`manage.py about`: the versions of everything that matters for a report or an upgrade."""

import platform
from collections.abc import Iterator

import django
from django.core.management import BaseCommand
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from chat.files import storage
from chat.models import migration_state
from chat.names import key_of
from chat.room import soundness
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
            soundness.check_file()  # connecting would create an empty file
            self.show(database)
        except Error as error:
            exit_with(soundness.explain(error))
        finally:
            database.close()

    def show(self, database):
        name = database.settings_dict["NAME"]
        version = ".".join(str(number) for number in database.get_database_version())
        migrations = describe_migrations(MigrationExecutor(database))
        self.stdout.write(f"{database.display_name} {version}, database {name}")
        self.stdout.write(f"Migrations: {migrations}")
        self.stdout.write(describe_files())
        if migrations == ALL_APPLIED:
            for sentence in describe_old_keys(database):
                self.stdout.write(sentence)


def describe_files() -> str:
    """Return where files are stored, and why they could not be, if that is known."""
    place = storage.place()
    if problem := storage.problem():
        return f"Files: {place}, where none can be stored: {problem}"
    return f"Files: {place}"


def describe_migrations(executor: MigrationExecutor) -> str:
    """Return one sentence about the migrations that are missing or unknown, if any."""
    if missing := migration_state.missing(executor):
        return f"{len(missing)} to apply with `manage.py migrate`: {', '.join(missing)}"
    return migration_state.describe_unusable(executor) or ALL_APPLIED


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
