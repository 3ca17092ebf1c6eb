"""`manage.py collectstatic`: Django's command, with one sentence for what the operator can mend."""

from django.contrib.staticfiles.management.commands import collectstatic

from chatsite.environment import exit_with
from chatsite.static_collection import CannotCollect, collecting


class Command(collectstatic.Command):
    def handle(self, **options):
        if options["dry_run"]:
            return super().handle(**options)
        try:
            with collecting():
                return super().handle(**options)
        except CannotCollect as error:
            exit_with(error)
