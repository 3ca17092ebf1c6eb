"""Kills a moderator's actions at each of their statements, and checks what is left of them.

`python -m tests.support.moderating_process MODERATOR NAME ROOM CONNECTION` acts on the database of
the environment, on a person who is there with a connection. It prints JSON: {action: how often it
was killed}.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.db import connection, connections  # noqa: E402 - these need Django set up

from chat.models import ModerationEntry, User  # noqa: E402
from chat.room import (  # noqa: E402
    membership,
    moderation,
    purging,
    room_rules,
    targets,
    transcript,
)
from chat.room.moderation_log import Door, Moderator  # noqa: E402
from chat.room.transcript import Saying  # noqa: E402
from tests.support.patience import give_database_time  # noqa: E402
from tests.support.site_database import SiteDatabase  # noqa: E402
from tests.support.whole_actions import assert_whole  # noqa: E402


def main(moderator: str, name: str, room: str, connection_id: str) -> None:
    give_database_time(connection.settings_dict)  # the machine may stop this process for a while
    by = Moderator(User.objects.get(username=moderator), Door.PAGE)
    person, room_id = User.objects.get(username=name), int(room)
    target = targets.of_account(person)
    actions = {
        "mute": partial(moderation.mute, by, target, room_id, reason="mute"),
        "lock": partial(room_rules.set_locked, by, room_id, True),
        "purge": partial(purging.purge, by, target, room_id, 60, "purge"),
        "kick": partial(moderation.kick, by, target, room_id, reason="kick"),
        "ban": partial(moderation.ban, by, target, room_id, reason="ban"),
    }

    def prepare() -> None:
        """Let the person say something as a member, whom nothing keeps from speaking."""
        for sanction in person.sanctions.filter(lifted=None):
            moderation.lift(by, sanction.pk)
        room_rules.set_locked(by, room_id, False)
        membership.join(room_id, person)
        transcript.say([Saying(room_id, int(connection_id), "hello")])

    print(json.dumps({name: kills_of(name, act, prepare) for name, act in actions.items()}))


def kills_of(name: str, act: Callable[[], object], prepare: Callable[[], None]) -> int:
    """Kill an action before its first statement, its second and so on. Return how often."""
    database = SiteDatabase(os.environ["DATABASE_URL"])
    for number in count(1):
        prepare()
        known = ModerationEntry.objects.filter(action=name).count()
        was_killed = is_killed(act, number)
        assert_whole(database)
        if not was_killed:
            assert ModerationEntry.objects.filter(action=name).count() == known + 1
            return number - 1
    raise AssertionError


def is_killed(act: Callable[[], object], number: int) -> bool:
    """Act in a process of its own that is killed before a statement. Return whether it was."""
    connections.close_all()  # both processes need connections of their own
    if connection.vendor == "postgresql":
        connection.close_pool()
    process = os.fork()
    if not process:
        _act_until(act, number)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert status in (0, -signal.SIGKILL), "the action has failed"
    return status != 0


def _act_until(act, number):
    statements = count(1)

    def kill_at_number(execute, *arguments):
        if next(statements) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    try:
        with connection.execute_wrapper(kill_at_number):
            act()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
