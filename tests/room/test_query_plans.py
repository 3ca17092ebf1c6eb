"""Every query of a room uses an index, however long the log is.

The tests look at the query plans of the SQL that the functions send, not at the clock.
"""

import re
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Line, Message
from chat.room import connections, log, presence, state, transcript
from chat.room.access import Reader
from chat.room.transcript import Saying
from tests.support.make_members import letters
from tests.support.presence import enter

LONG = 2_000  # lines, for which PostgreSQL prefers an index
CROWD = 50  # guests who are here besides
only_sqlite = pytest.mark.only_sqlite

FINDS_NOTHING = re.compile(r"\d+ times: |BEGIN|COMMIT|SAVEPOINT|RELEASE|INSERT")
READS_THE_LOG = re.compile('(FROM|JOIN) "?chat_message')
# The sayings of a batch may be scanned, and everybody on the site where all of them are wanted.
# PostgreSQL may also read all presences elsewhere, because they are few.
WHOLE_TABLE = re.compile(r"SCAN (?!json_each|presence LEFT-JOIN)|Seq Scan on chat_message")
SORT = re.compile("TEMP B-TREE|Sort")

LOG = {
    "after": lambda room, seats: log.after(room.pk, LONG // 2, 50),
    "before": lambda room, seats: log.before(room.pk, LONG // 2, 50),
    "messages_until": lambda room, seats: log.messages_until(room.pk, LONG, 20),
    "messages_of_a_page": lambda room, seats: log.messages_until(room.pk, LONG, 20, Reader(1)),
    "say": lambda room, seats: transcript.say(
        [Saying(room.pk, stay.connection_id, "hello", uuid4()) for stay in seats]
    ),
}
LOG_INDEXES = {
    "sqlite": {
        # SQLite calls the index of the constraint message_seq_is_unique by this name.
        "after": "sqlite_autoindex_chat_message_1 (room_id=? AND seq>?)",
        "before": "sqlite_autoindex_chat_message_1 (room_id=? AND seq<?)",
        "messages_until": "message_by_kind (room_id=? AND kind=? AND seq<?)",
        "messages_of_a_page": "message_by_kind (room_id=? AND kind=? AND seq<?)",
        "say": "message_is_said_once (room_id=? AND client_id=? AND author_id=?)",
    },
    "postgresql": {
        "after": "Index Scan using message_seq_is_unique",
        "before": "Index Scan Backward using message_seq_is_unique",
        # By kind or by number: nearly all lines are messages, so either index serves.
        "messages_until": "Index Scan Backward using message_",
        "messages_of_a_page": "Index Scan Backward using message_",
        "say": "Index Scan using message_is_said_once",
    },
}

PRESENCE = {
    "people": (
        lambda room, process, seats, alice: state.people(room.pk),
        ["room USING INTEGER PRIMARY KEY (rowid=?)"],
    ),
    "session_keys": (
        lambda room, process, seats, alice: connections.session_keys(process),
        ["chat_connection USING INDEX chat_connection_process_id"],
    ),
    "fingerprint": (
        lambda room, process, seats, alice: connections.fingerprint(process),
        ["chat_connection USING INDEX chat_connection_process_id"],
    ),
    "enter": (
        lambda room, process, seats, alice: enter(room, "dora", alice, process=process),
        [
            "chat_user USING COVERING INDEX sqlite_autoindex_chat_user_2 (key=?)",
            "chat_user USING INTEGER PRIMARY KEY (rowid=?)",
            "chat_presence USING INDEX sqlite_autoindex_chat_presence_1 (key=?)",
            "chat_connection USING INDEX chat_connection_presence_id",
        ],
    ),
    "leave": (
        lambda room, process, seats, alice: presence.leave([stay.connection_id for stay in seats]),
        [
            "chat_connection USING INTEGER PRIMARY KEY (rowid=?)",
            "chat_presence USING INTEGER PRIMARY KEY (rowid=?)",
            "chat_connection USING INDEX chat_connection_presence_id",
        ],
    ),
}
# These sort the people in the room, whose number does not grow with the log.
SORTS_PEOPLE = {"people"}


@pytest.fixture
def seats(lobby, alice, bob, process):
    """Return the stays of alice and bob, who are in a crowd."""
    enter(lobby, *(f"guest {letters(number)}" for number in range(CROWD)), process=process)
    return enter(lobby, alice, bob, process=process)


@pytest.fixture(
    params=[
        pytest.param("short", marks=only_sqlite),
        pytest.param("long", marks=only_sqlite),
        "long and analyzed",
    ]
)
def room(request, lobby, seats, alice, bob):
    """Return the lobby with a log of this length; "analyzed": the database knows its statistics."""
    if "long" in request.param:
        write_log(lobby, alice, bob)
    if "analyzed" in request.param:
        run("ANALYZE")
    yield lobby
    if connection.vendor == "sqlite" and "analyzed" in request.param:
        run("DELETE FROM sqlite_stat1")
        run("ANALYZE sqlite_schema")  # so that the next tests begin without statistics


@transaction.atomic
def write_log(room, *users):
    rows = [
        Line(
            kind=Message.Kind.SAID,
            name=user.username,
            author_id=user.pk,
            text="as people write",
            at=timezone.now(),
            client_id=uuid4(),
        )
        for _ in range(LONG // len(users))
        for user in users
    ]
    log.append(log.lock(room.pk), rows)


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql, None)
        return cursor.fetchall() if cursor.description else []


def statements(call, *arguments):
    """Return the SQL statements of a call that look for rows."""
    with CaptureQueriesContext(connection) as captured:
        call(*arguments)
    return [each["sql"] for each in captured if not FINDS_NOTHING.match(each["sql"])]


def plan(sql):
    """Return the steps of the database's plan for a statement."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    return [row[-1] for row in run(f"{explain} {sql}")]


@pytest.mark.parametrize("name", LOG)
def test_the_log_is_read_by_an_index_in_its_order(room, seats, name):
    index = LOG_INDEXES[connection.vendor][name]
    (read,) = [sql for sql in statements(LOG[name], room, seats) if READS_THE_LOG.search(sql)]
    steps = plan(read)
    assert [step for step in steps if index in step], steps
    assert not [step for step in steps if WHOLE_TABLE.search(step) or SORT.search(step)], steps


@only_sqlite
@pytest.mark.parametrize("name", PRESENCE)
def test_entering_and_leaving_use_indexes(lobby, process, seats, alice, name):
    call, indexes = PRESENCE[name]
    plans = [plan(sql) for sql in statements(call, lobby, process, seats, alice)]
    steps = [step for steps in plans for step in steps]
    absent = [index for index in indexes if not [step for step in steps if index in step]]
    assert not absent, steps
    assert not [step for step in steps if WHOLE_TABLE.search(step)], steps
    assert bool([step for step in steps if SORT.search(step)]) == (name in SORTS_PEOPLE), steps
