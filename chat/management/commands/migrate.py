"""`manage.py migrate`: Django's command, which here refuses some databases."""

from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from chat.models import migration_state
from chat.room import soundness
from chatsite.environment import exit_with


class Command(migrate.Command):
    """Refuses a database that a newer version of the site has used."""

    def handle(self, *args, **options):
        soundness.check_file(may_be_missing=True)
        executor = MigrationExecutor(connections[options["database"]])
        if sentence := migration_state.describe_unusable(executor):
            exit_with(sentence)
        super().handle(*args, **options)
