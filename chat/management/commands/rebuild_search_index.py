"""`manage.py rebuild_search_index`: build the index of the search anew."""

from django.core.management import BaseCommand

from chat.search import keeping

TOLD_AFTER = 100_000  # messages


class Command(BaseCommand):
    help = "Empty the index of the search, and index all messages again. Servers may run meanwhile."

    def handle(self, *args, **options):
        keeping.begin_anew()
        count = told = 0
        while True:
            done = keeping.step()
            count += done.messages
            if count - told >= TOLD_AFTER:
                told = count
                self.stdout.write(f"{count:,} messages are indexed.")
            if not done.more:
                break
        self.stdout.write("The index of the search is complete.")
