"""Mutes somebody again and again, in a process of its own that a test kills.

`python -m tests.support.moderating_process MODERATOR NAME ROOM` acts on the database of the
environment.
"""

import os
import sys
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from chat.models import User  # noqa: E402 - these need Django set up
from chat.room import moderation, targets  # noqa: E402
from chat.room.moderation_log import Door, Moderator  # noqa: E402


def main(moderator, name, room_id):
    by = Moderator(User.objects.get(username=moderator), Door.PAGE)
    for number in count():
        moderation.mute(by, targets.find(name), int(room_id), reason=str(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
