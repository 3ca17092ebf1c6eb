"""Moderation while people speak: nothing of theirs follows the line of the action.

Two threads with connections of their own act as two server processes. With `--full` each race is
run a thousand times.
"""

from threading import Barrier

import pytest

from chat.models import Membership, Message, Room, Sanction
from chat.room import (
    connections,
    log,
    membership,
    moderation,
    room_rules,
    targets,
    transcript,
)
from chat.room.transcript import Said, Saying
from tests.support import full_size
from tests.support.moderating import on_page, site_moderator
from tests.support.presence import enter
from tests.support.threads import together
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

ROUNDS, ROUNDS_IN_FULL = 100, 1_000
SAYINGS = 3  # of one round

Kind = Message.Kind


@pytest.fixture
def rounds(request):
    return ROUNDS_IN_FULL if full_size.is_chosen(request.config) else ROUNDS


def demote(by, target, room_id):
    membership.set_role(room_id, target.user, "member", by.user)


def lock(by, target, room_id):
    room_rules.set_locked(by, room_id, True)


# Each race in a room: the action, and the line with which it begins to hold.
IN_ROOM = {
    "mute": (moderation.mute, (Kind.NOTICE, "bob was muted")),
    "kick": (moderation.kick, (Kind.PARTED, "alice")),
    "ban": (moderation.ban, (Kind.PARTED, "alice")),
    "demotion": (demote, (Kind.ROLE, "member")),
    "lock": (lock, (Kind.RULES, "locked")),
}
ON_SITE = {
    "mute": (moderation.mute, (Kind.NOTICE, "bob was muted")),
    "kick": (moderation.kick, (Kind.LEFT, "")),
    "ban": (moderation.ban, (Kind.LEFT, "")),
}
# The lines after which a new round may have begun.
BEGINNINGS = {Kind.JOINED, Kind.ENTERED}


def race(prepare, act, speak, rounds):
    """Let two people act and speak at the same time, round by round.

    Returns for each round whether each saying was saved.
    """
    ready, done = Barrier(2, timeout=PATIENCE), Barrier(2, timeout=PATIENCE)

    def moderator():
        for _ in range(rounds):
            prepare()
            ready.wait()
            act()
            done.wait()

    def speaker():
        results = []
        for _ in range(rounds):
            ready.wait()
            results.append([isinstance(speak(), Said) for _ in range(SAYINGS)])
            done.wait()
        return results

    return together(moderator, speaker)[1]


def check(room, begins, results):
    """Check that bob has said nothing after the line of any of the actions."""
    kind, text = begins
    count, is_held = 0, False
    for line in log.after(room.pk, 0, 100_000):
        if (line.kind, line.text) == (kind, text):
            count, is_held = count + 1, True
        elif line.kind in BEGINNINGS:
            is_held = False
        assert not (is_held and line.kind == Kind.SAID), line
    assert count == len(results)
    # Somebody who was refused once stays so.
    assert all(each == sorted(each, reverse=True) for each in results), results


@pytest.mark.parametrize("name", IN_ROOM)
def test_nothing_follows_an_action_in_a_room(garden, alice, bob, process, rounds, name):
    action, begins = IN_ROOM[name]
    (stay,) = enter(None, bob, process=process)
    by, target = on_page(alice), targets.of_account(bob)

    def prepare():
        """Let bob be a new member of the garden, whom nothing keeps from speaking."""
        Sanction.objects.all().delete()
        Membership.objects.filter(user=bob, room=garden).delete()
        Room.objects.filter(pk=garden.pk).update(locked=False)
        membership.join(garden.pk, bob)
        if name == "demotion":
            Room.objects.filter(pk=garden.pk).update(locked=True)
            Membership.objects.filter(user=bob, room=garden).update(role="moderator")

    def speak():
        return transcript.say([Saying(garden.pk, stay.connection_id, "hello")])[0]

    results = race(prepare, lambda: action(by, target, garden.pk), speak, rounds)
    check(garden, begins, results)


@pytest.mark.parametrize("name", ON_SITE)
def test_nothing_follows_an_action_on_the_site(lobby, bob, process, rounds, name):
    action, begins = ON_SITE[name]
    by, target = on_page(site_moderator()), targets.of_account(bob)
    seats = []

    def prepare():
        Sanction.objects.all().delete()
        connections.disconnect(user_id=bob.pk)
        (stay,) = enter(None, bob, process=process)
        seats[:] = [stay.connection_id]

    def speak():
        return transcript.say([Saying(lobby.pk, seats[0], "hello")])[0]

    results = race(prepare, lambda: action(by, target, lobby.pk), speak, rounds)
    check(lobby, begins, results)
