"""A moderator's action is done completely or not at all, also when its process is killed."""

import pytest
from django.db import connection

from chat.models import Message, ModerationEntry, Room, Sanction
from tests.support.databases import POSTGRESQL
from tests.support.processes import PythonProcess
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

KILLS = 3


def test_an_action_that_is_killed_leaves_all_of_it_or_nothing(garden, stays, tmp_path):
    process = PythonProcess(tmp_path / "log")
    process.environment["DATABASE_URL"] = database_url()
    for _ in range(KILLS):
        known = Sanction.objects.count()
        arguments = "tests.support.moderating_process", "alice", "bob", str(garden.pk)
        process.launch(["-m", *arguments])
        wait_until(lambda known=known: Sanction.objects.count() > known + 20, "nobody was muted")
        process.kill()
        sanctions = reasons(Sanction.objects.all())
        assert sanctions == reasons(ModerationEntry.objects.filter(action="mute"))
        notices = Message.objects.filter(room=garden, kind="notice").order_by("seq")
        told = [text.partition(": ")[2] for text in notices.values_list("text", flat=True)]
        assert sanctions == told
        assert Sanction.objects.filter(lifted=None).count() == 1
        assert Room.objects.get(pk=garden.pk).last_seq == garden.message_set.count()
    process.assert_no_traceback()


def reasons(rows):
    return list(rows.order_by("pk").values_list("reason", flat=True))


def database_url():
    """Return the URL of the test database."""
    name = connection.settings_dict["NAME"]
    return f"{POSTGRESQL.rpartition('/')[0]}/{name}" if POSTGRESQL else f"sqlite:///{name}"
