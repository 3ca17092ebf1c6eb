"""Make signed-in accounts and rooms for them: `python -m tests.support.make_rooms N PREFIX`.

Prints a JSON list of the accounts, as `make_members` does, and the rooms as [id, kind, names]. The
database is that of the environment.
"""

import json
import os
import sys
from itertools import cycle, islice

import django

from tests.support.make_members import signed_in_accounts

# The number of rooms of each kind.
OPEN, PRIVATE, DIRECT = 8, 8, 4
ROOMS_OF_A_MEMBER = 4
IN_A_DIRECT_ROOM = 3  # people


def make_rooms(names):
    """Make `OPEN` and `PRIVATE` rooms among which the members are spread, and direct ones."""
    from chat.models import Room, User
    from chat.room import creation

    accounts = {user.username: user for user in User.objects.filter(username__in=names)}
    people = [accounts[name] for name in names]
    count = OPEN + PRIVATE
    members = [[] for _ in range(count)]
    for number, person in enumerate(people):
        for step in range(min(ROOMS_OF_A_MEMBER, count)):
            # A different step each time, so that neighbours share only some of their rooms.
            members[(number + step * (number // count + 1)) % count].append(person)
    rooms = []
    for number, some in enumerate(members):
        owner, *others = dict.fromkeys(some or people[:1])
        room = creation.create(owner, f"Room {number}", private=number >= OPEN)
        add_members(room, others)
        rooms.append((room, [owner, *others]))
    for number in range(DIRECT):
        some = list(
            islice(cycle(people), number * IN_A_DIRECT_ROOM, (number + 1) * IN_A_DIRECT_ROOM)
        )
        rooms.append((creation.open_direct(some[0], some[1:]), some))
    return [
        (room.pk, Room.Kind(room.kind).value, sorted({one.username for one in some}))
        for room, some in rooms
    ]


def add_members(room, people):
    """Make accounts members of a room in one transaction, with their lines."""
    from django.db import transaction

    from chat.models import Message
    from chat.room import log, membership

    with transaction.atomic():
        locked = log.lock(room.pk)
        log.append(locked, [membership.line(Message.Kind.JOINED, person) for person in people])
        for person in people:
            membership.add(locked, person, "member")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.db import connections

    accounts = signed_in_accounts(int(sys.argv[1]), *sys.argv[2:])
    print(json.dumps([accounts, make_rooms([name for name, _ in accounts])]))
    connections.close_all()


if __name__ == "__main__":
    main()
