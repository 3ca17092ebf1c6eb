"""`manage.py check_database`: read the whole database, and say what is wrong with it."""

from django.core.management import BaseCommand
from django.db import connection

from chat.room import soundness
from chatsite import postgresql


class Command(BaseCommand):
    help = "Read the whole database, and print a sentence for everything that is wrong with it."
    requires_system_checks = []

    def handle(self, *args, **options):
        count = 0
        for sentence in soundness.find_all():
            self.stdout.write(sentence)
            self.stdout.flush()
            count += 1
        if connection.vendor == "postgresql":
            self.report_unchecked_indexes()
        if count:
            raise SystemExit(1)
        self.stdout.write("The database is sound.")

    def report_unchecked_indexes(self):
        with connection.cursor() as cursor:
            if not postgresql.can_check_indexes(cursor):
                self.stdout.write(
                    "The indexes were not compared with the rows: that needs PostgreSQL's "
                    "extension amcheck, see chatsite/DATA.md."
                )
