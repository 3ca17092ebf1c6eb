"""Makes rooms with members in a database.

    python -m tests.benchmarks.room_site MEMBERS ROOMS EACH

Each member is in EACH of the rooms, which are chosen at random, and signed in. Prints
{"rooms": ids, "members": [[session key, [ids of the member's rooms]]]}. DATABASE_URL names the
database, which has its tables.
"""

import json
import os
import random
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.db import connections, transaction  # noqa: E402 - these need Django set up
from django.utils import timezone  # noqa: E402

from chat.models import Membership, Message, Room, User  # noqa: E402
from tests.support.make_members import signed_in_accounts  # noqa: E402

BATCH = 1000  # rows in an INSERT


def make(member_count, room_count, each):
    """Make everything, and return what is printed."""
    accounts = signed_in_accounts(member_count)
    with transaction.atomic():
        Room.first()
        rooms = make_rooms(room_count)
        chance = random.Random(member_count)
        chosen = [sorted(chance.sample(rooms, each)) for _ in accounts]
        join(accounts, chosen)
    keys = [session_key for _, session_key in accounts]
    return {"rooms": rooms, "members": list(zip(keys, chosen, strict=True))}


def make_rooms(count):
    """Make open rooms with one line each, and return their ids."""
    now = timezone.now()
    rooms = [
        Room(name=f"Room {number}", slug=f"room-{number}", last_seq=1) for number in range(count)
    ]
    rooms = Room.objects.bulk_create(rooms, BATCH)
    Message.objects.bulk_create(
        [Message(room=room, seq=1, kind="created", name="nobody", at=now) for room in rooms], BATCH
    )
    return [room.pk for room in rooms]


def join(accounts, chosen):
    """Make each account a member of the rooms that were chosen for it, and of the lobby."""
    users = dict(User.objects.values_list("username", "pk"))
    lobby = Room.first().pk
    now = timezone.now()
    Membership.objects.bulk_create(
        (
            Membership(room_id=room, user_id=users[name], since=now)
            for (name, _), rooms in zip(accounts, chosen, strict=True)
            for room in [lobby, *rooms]
        ),
        BATCH,
    )


def main():
    print(json.dumps(make(*map(int, sys.argv[1:]))))
    connections.close_all()


if __name__ == "__main__":
    main()
