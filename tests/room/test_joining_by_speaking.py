"""Accounts join rooms by speaking, leave them again, and mention each other at the same time."""

import random
from functools import partial

from chat.accounts import lifecycle
from chat.models import Membership, Mention, Message, User
from chat.room import creation, log, membership, reading, transcript
from chat.room.reading import ReadPosition
from chat.room.transcript import Postponed, Said, Saying
from tests.support.presence import enter
from tests.support.threads import together

TURNS = 20
EVERYBODY = "@alice @bob @carol @dora @room"


def test_speaking_joining_leaving_and_deleting_never_deadlock(lobby, alice, bob, carol, process):
    dora = User.objects.create_user("dora")
    stays = enter(None, alice, bob, carol, process=process)
    rooms = [creation.create(alice, name).pk for name in ("attic", "garden", "kitchen")]

    def speak(stay):
        choose = random.Random(stay.connection_id)
        for _ in range(TURNS):
            chosen = choose.sample([lobby.pk, *rooms], 3)
            waiting = [Saying(pk, stay.connection_id, EVERYBODY) for pk in chosen]
            while waiting:
                results = transcript.say(waiting)
                assert all(isinstance(result, Said | Postponed) for result in results)
                waiting = [result.item for result in results if isinstance(result, Postponed)]

    def leave(user):
        for turn in range(TURNS):
            membership.part(rooms[turn % len(rooms)], user)

    def read():
        for turn in range(TURNS):
            people = (alice, bob, carol)
            reading.advance([ReadPosition(user.pk, pk, turn) for pk in rooms for user in people])

    speakers = [partial(speak, stay) for stay in stays]
    leavers = [partial(leave, user) for user in (bob, carol)]
    together(*speakers, *leavers, read, partial(lifecycle.delete, dora))

    for room_id in [lobby.pk, *rooms]:
        lines = log.after(room_id, 0, 10_000)
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
        if room_id != lobby.pk:
            assert members(room_id) == joined(lines) | {"alice"}
    assert not Mention.objects.filter(user__username="dora").exists()


def members(room_id):
    return set(Membership.objects.filter(room=room_id).values_list("user__username", flat=True))


def joined(lines):
    """Return the names of those who are members according to a log."""
    names = set()
    for line in lines:
        if line.kind == Message.Kind.JOINED:
            assert line.name not in names
            names.add(line.name)
        elif line.kind == Message.Kind.PARTED:
            names.remove(line.name)
    return names
