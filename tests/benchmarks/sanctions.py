"""Fills a database with sanctions, none of which keeps the people of a benchmark from speaking.

Each of these people has some that have ended and one that holds in another room, so that each
saying has to look at it. The others concern people and networks from which nobody comes.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice

from django.db import connection
from django.utils import timezone

from chat.models import Room, Sanction, User
from chat.names.keys import key_of
from chat.room import creation
from tests.support.make_members import letters

Kind = Sanction.Kind

ABSENT = 100  # accounts that are not here
BATCH = 500  # rows in an INSERT
MONTH = timedelta(days=30)


def answer(members, sanctions):
    """Add sanctions about the first accounts of a database and others; return how many it has."""
    return fill(list(User.objects.order_by("pk")[:members]), sanctions)


def fill(present: list[User], sanctions: int) -> int:
    """Add sanctions before the accounts of `present` enter; return how many the database has.

    Guests of the load, who have names such as `guestbc`, are concerned in the same way. With none
    the database differs in nothing else.
    """
    absent = [User.objects.create_user(f"absent{letters(number)}") for number in range(ABSENT)]
    Room.first()  # the lobby is older than other rooms
    elsewhere = creation.create(absent[0], "Elsewhere")
    made = islice(_endless(present, absent, elsewhere), sanctions)
    Sanction.objects.bulk_create(made, BATCH)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Otherwise it would begin while something is measured. The log has one line, so that
            # statistics of it would lead to wrong plans for a long one.
            cursor.execute(f"ANALYZE {Sanction._meta.db_table}")
    return Sanction.objects.count()


def _endless(present: list[User], absent: list[User], elsewhere: Room) -> Iterator[Sanction]:
    now = timezone.now()
    long = {"since": now - 2 * MONTH, "reason": "too loud", "by": "admin"}
    ended = {"kind": Kind.MUTE, "until": now - MONTH, **long}
    lifted = {"kind": Kind.MUTE, "lifted": now - MONTH, "lifted_by": "admin", **long}
    in_another_room = {"kind": Kind.MUTE, "until": now + MONTH, "room": elsewhere, **long}
    for number in count():
        concerned = present[number] if number < len(present) else absent[number % len(absent)]
        for target in (_account(concerned), _guest(f"guest{letters(number)}")):
            for state in (ended, lifted, in_another_room):
                yield Sanction(**target, **state)
        for target in (
            _account(absent[number % len(absent)]),
            _guest(f"stranger{letters(number)}"),
            _network(f"10.{number >> 8 & 255}.{number & 255}.0/24"),
        ):
            yield Sanction(**target, **long, kind=Kind.BAN)


def _account(user):
    return {"user": user, "name": user.username}


def _guest(name):
    return {"key": key_of(name), "name": name}


def _network(network):
    return {"network": network, "name": f"network:{network}"}
