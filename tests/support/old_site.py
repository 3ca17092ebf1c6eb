"""Make a database of the version before rooms: `python -m tests.support.old_site ACCOUNTS LINES`.

It has migration 0003, one room, accounts that are signed in and were connected when their process
ended, and a log. Prints a JSON list of [user name, session key]. DATABASE_URL names the database,
which must be empty.
"""

import json
import os
import sys
from datetime import UTC, datetime
from secrets import token_hex

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402

from chat.live import host  # noqa: E402
from chat.models import User  # noqa: E402
from chat.names import key_of  # noqa: E402
from tests.support.make_members import letters  # noqa: E402

OLD = "0003_keys"
NOBODY = 2**22 + 1  # a pid that no process has
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
# Texts that people say in turn, after they have entered. One message in ten is removed.
TALK = """
    WITH RECURSIVE numbers (n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}
    )
    INSERT INTO chat_message
        (room_id, seq, kind, name, text, at, client_id, author_id, guest, "of", removed)
    SELECT {room}, {before} + n,
        CASE WHEN n % 10 = 0 THEN 'removed' ELSE 'said' END,
        person.username,
        CASE WHEN n % 10 = 0 THEN '' ELSE 'line ' || n END,
        '{at}',
        CASE WHEN n % 10 > 0 THEN {client_id} END,
        person.id, false,
        CASE WHEN n % 10 = 0 THEN {before} + n - 1 END,
        n % 10 = 9 AND n < {count}
    FROM numbers JOIN chat_user AS person ON person.id = {first} + n % {before}
    ORDER BY n
"""
CLIENT_IDS = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def migrate():
    call_command("migrate", "chat", OLD, verbosity=0)
    for app in ("sessions", "admin"):
        call_command("migrate", app, verbosity=0)


def make(accounts, lines):
    """Fill the tables; return [(user name, session key)]."""
    apps = MigrationLoader(connection).project_state(("chat", OLD)).apps
    room = apps.get_model("chat", "Room").objects.create(name="The room", last_seq=lines)
    names = [f"member{letters(number)}" for number in range(accounts)]
    people = [
        apps.get_model("chat", "User")(username=name, key=key_of(name), password=f"!{token_hex()}")
        for name in names
    ]
    people = apps.get_model("chat", "User").objects.bulk_create(people)
    enter(apps, room, people)
    talk(room, people, lines - accounts)
    return [(person.username, sign_in(person)) for person in people]


def enter(apps, room, people):
    """Let everybody be present, connected to a process that has ended."""
    process = apps.get_model("chat", "Process").objects.create(
        host=host.name(), pid=NOBODY, started="1"
    )
    for seq, person in enumerate(people, 1):
        apps.get_model("chat", "Message").objects.create(
            room=room, seq=seq, kind="entered", name=person.username, at=BEGAN, author=person
        )
        presence = apps.get_model("chat", "Presence").objects.create(
            room=room, user=person, name=person.username, key=person.key, entered=seq
        )
        apps.get_model("chat", "Connection").objects.create(
            presence=presence, process=process, door="web", session_key=token_hex(16)
        )


def talk(room, people, count):
    """Add messages by SQL: a million of them take too long one by one."""
    sql = TALK.format(
        room=room.pk,
        count=count,
        before=len(people),
        first=min(person.pk for person in people),
        at=connection.ops.adapt_datetimefield_value(BEGAN),
        client_id=CLIENT_IDS[connection.vendor],
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def sign_in(person):
    """Return the key of a session, as `make_members` makes it."""
    account = User(pk=person.pk, password=person.password)
    session = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: account.get_session_auth_hash(),
    }
    store = SessionStore()
    store.update(session)
    store.save()
    return store.session_key


def main():
    migrate()
    print(json.dumps(make(int(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
