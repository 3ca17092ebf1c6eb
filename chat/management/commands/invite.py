"""`manage.py invite`: create, list and revoke invitations."""

from django.conf import settings
from django.core.management import BaseCommand

from chat.accounts import invitations
from chat.management.commands.moderate import room_at
from chat.management.moderating import OPERATOR
from chat.management.moderation_lists import MOST, by, written
from chat.room import durations
from chat.room.refusal import Refused
from chat.views.moderation_refusals import sentence_of
from chat.views.site_url import known_site_url
from chatsite.environment import exit_with


class Command(BaseCommand):
    help = "Create an invitation, and print its link. With --list or --revoke, manage them."

    def add_arguments(self, parser):
        parser.add_argument(
            "--room",
            default="",
            metavar="ROOM",
            help="the end of the address of the room in which people land (default: the lobby)",
        )
        parser.add_argument(
            "--uses", type=int, metavar="N", help="how many people may use it (default: any number)"
        )
        parser.add_argument(
            "--for",
            dest="duration",
            default="",
            metavar="DURATION",
            help="for how long it can be used, such as 7d (default: until it is revoked)",
        )
        parser.add_argument("--list", action="store_true", help="list all invitations")
        parser.add_argument(
            "--revoke", type=int, metavar="NUMBER", help="let nobody use this one any more"
        )

    def handle(self, *args, room, uses, duration, revoke, **options):
        if uses is not None and not 1 <= uses <= invitations.MAX_USES:
            exit_with(f"--uses must be a number from 1 to {invitations.MAX_USES}")
        try:
            if options["list"]:
                self.show_all()
            elif revoke is not None:
                invitations.revoke(OPERATOR, revoke)
                self.stdout.write("The invitation is revoked.")
            else:
                self.create(room, uses, duration)
        except Refused as refusal:
            exit_with(sentence_of(refusal))

    def create(self, room, uses, duration):
        destination = room_at(room)
        created = invitations.create(
            OPERATOR,
            destination and destination.pk,
            uses,
            durations.parse(duration) if duration else None,
        )
        self.stdout.write(f"{known_site_url()}{invitations.path(created)}")
        if sentence := assumption():
            self.stderr.write(sentence)

    def show_all(self):
        for each in invitations.listed(None)[:MOST]:
            most = "any number" if each.max_uses is None else each.max_uses
            until = f", until {written(each.expires)}" if each.expires else ""
            self.stdout.write(
                f"{each.pk}  {written(each.created)}  {by(each.by)}  {each.room or 'the lobby'}  "
                f"used {each.uses} of {most}{until}  {invitations.state(each)}"
            )


def assumption() -> str:
    """Return the sentence that says where the address in a link comes from; empty for SITE_URL."""
    if settings.SITE_URL:
        return ""
    if known_site_url():
        return (
            "SITE_URL is not set: the link has the only host of ALLOWED_HOSTS and no port. "
            "Change its beginning if the site has another address."
        )
    return "SITE_URL is not set: write the address of the site before the link."
