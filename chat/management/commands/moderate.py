"""`manage.py moderate`: what moderators do, from the command line."""

from argparse import RawDescriptionHelpFormatter

from django.core.management import BaseCommand

from chat.management.moderating import ACTIONS, Asked, Unclear, action_named, usage
from chat.models import Room
from chat.room import durations
from chat.room.refusal import RefusalCode, Refused
from chat.views.moderation_refusals import sentence_of
from chatsite.environment import exit_with

TEXTS = {
    "room": "the end of the address of a room, such as lobby; without it the whole site is meant",
    "for": "a duration such as 10m, 2h or 7d; purge removes the messages since then",
    "reason": "the reason, which the person concerned is told",
}


class Command(BaseCommand):
    help = "Mute, kick and ban people, remove what they have said, decide what waits, and list it."

    def create_parser(self, prog_name, subcommand, **kwargs):
        shown = "\n".join(f"  {usage(name, action)}" for name, action in ACTIONS.items())
        targets = (
            "A TARGET is a name, address:203.0.113.7 or network:2001:db8::/64. A NUMBER stands at "
            "the beginning of a line of a list."
        )
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"actions:\n{shown}\n\n{targets}",
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser):
        parser.add_argument("action", metavar="ACTION", help="see below")
        parser.add_argument("target", nargs="?", default="", metavar="TARGET", help="see below")
        parser.add_argument("--room", default="", metavar="ROOM", help=TEXTS["room"])
        parser.add_argument(
            "--for", dest="duration", default="", metavar="DURATION", help=TEXTS["for"]
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help=TEXTS["reason"])

    def handle(self, *args, action, target, room, duration, reason, **options):
        target = target.strip()
        given = {"room": room, "for": duration, "reason": reason}
        try:
            chosen = action_named(action, target, {name for name, text in given.items() if text})
            time = durations.parse(duration) if duration else None
            for line in chosen.run(Asked(target, room_at(room), time, reason)):
                self.stdout.write(line)
        except Unclear as error:
            exit_with(error)
        except Refused as refusal:
            exit_with(sentence_of(refusal))


def room_at(address: str) -> Room | None:
    """Return the room with an address; None without one. Raises `Refused`."""
    slug = address.strip().lstrip("#")
    if not slug:
        return None
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return room
