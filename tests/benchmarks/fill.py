"""Fills the room of a database with history: `python -m tests.benchmarks.fill ROWS`.

One day of talk is made here. The database itself repeats it, which is many times faster than
sending every row. DATABASE_URL names the database.
"""

import argparse
import os
import random
import sys
from datetime import date, datetime, timedelta
from functools import partial
from itertools import product

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - these need Django set up
from django.db import connection, transaction  # noqa: E402

from chat.models import Message, Room, User  # noqa: E402
from chat.room import log  # noqa: E402

Kind = Message.Kind

LINES_A_DAY = 10_000
FIRST_DAY = date(2015, 1, 1)
REBUILD_INDEXES_ABOVE = 100_000  # new lines, for which it is faster to make the indexes again
ENTERING = LEAVING = 0.05  # share of all lines
FIRST_NAMES = ["ada", "ben", "cleo", "dan", "eve", "fay", "gus", "hal", "ivy", "joe"]
LAST_NAMES = ["ash", "birch", "cedar", "elm", "hazel", "larch", "maple", "oak", "pine", "yew"]
TOWNS = ["Riga", "Ulm"]
VOCABULARY = """
    and the a we they you it is was will can not yet still also here there today tomorrow later
    good fine right sure maybe thanks please wait look see think know mean want need tried works
    broken server page link release build test meeting coffee lunch train weather weekend music
"""
WORDS = VOCABULARY.split()

DAY = """
    CREATE TEMPORARY TABLE day (
        number integer, kind varchar(8), name varchar(64), text text, clock varchar(16),
        author_id bigint, guest boolean, entering bigint
    )
"""
REPEAT = """
    INSERT INTO chat_message
        (room_id, seq, kind, name, text, at, client_id, author_id, guest, "of", removed)
    SELECT
        %s, %s + number, kind, name, text, {at},
        CASE WHEN kind = 'said' AND NOT guest THEN {client_id} END,
        author_id, guest, %s + entering, false
    FROM day WHERE number <= %s ORDER BY number
"""
DIALECTS = {
    "sqlite": {
        "at": "%s || clock",
        "client_id": "lower(hex(randomblob(16)))",
        "tidy": "ANALYZE",
    },
    "postgresql": {
        "at": "CAST(%s || clock || '+00' AS timestamptz)",
        "client_id": "gen_random_uuid()",
        "tidy": "VACUUM ANALYZE",  # otherwise it would start by itself while something is measured
    },
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=int, help="lines of history to add")
    parser.add_argument("--more", action="store_true", help="also fill a room that has lines")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        sys.exit("fill: set DATABASE_URL to the database that is to be filled")
    if not connection.introspection.table_names():
        call_command("migrate", verbosity=0)
    room = Room.first()
    if room.last_seq and not options.more:
        sys.exit(f"fill: {room} has {room.last_seq} lines already; --more adds to them")
    fill(room, options.rows)


def fill(room, rows):
    """Add lines to the log of a room. An interruption leaves a valid log with all indexes."""
    make_day()
    try:
        if rows >= REBUILD_INDEXES_ABOVE:
            drop_indexes()
        repeat(room, rows)
    finally:
        make_missing_indexes()
    with connection.cursor() as cursor:
        cursor.execute(DIALECTS[connection.vendor]["tidy"])


# One day


def make_day():
    """Write the lines of one day into a temporary table."""
    lines = list(talk([*authors(), *guests()]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DAY)
        cursor.executemany(f"INSERT INTO day VALUES ({', '.join(['%s'] * 8)})", lines)


def authors():
    """Return (user name, id) of a hundred accounts, and make those that are missing."""
    names = [f"{first}.{last}" for first, last in product(FIRST_NAMES, LAST_NAMES)]
    with transaction.atomic():
        known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        for name in names:
            if name not in known:
                User.objects.create_user(name)
    return User.objects.filter(username__in=names).order_by("pk").values_list("username", "pk")


def guests():
    """Return (name, None) of some guests."""
    return [(f"{name} from {town}", None) for name, town in product(FIRST_NAMES, TOWNS)]


def talk(people):
    """Yield the lines of a day, at the end of which everybody has left."""
    chance = random.Random(LINES_A_DAY)
    ids = dict(people)
    away, present = list(ids), {}  # present: {name: number of the entering}
    for number in range(1, LINES_A_DAY + 1):
        kind = next_kind(chance, away, present, rest=LINES_A_DAY - number + 1)
        name = chance.choice(away if kind == Kind.ENTERED else list(present))
        text = sentence(chance) if kind == Kind.SAID else ""
        of = None
        if kind == Kind.ENTERED:
            away.remove(name)
            present[name] = number
        elif kind == Kind.LEFT:
            away.append(name)
            of = present.pop(name)
        yield number, kind, name, text, time_of(chance, number), ids[name], ids[name] is None, of


def next_kind(chance, away, present, rest):
    """Return the kind of the next line, with which everybody can still leave in time."""
    if len(present) >= rest:
        kind = Kind.LEFT
    elif len(present) < 2 or (away and chance.random() < ENTERING):
        kind = Kind.ENTERED
    elif chance.random() < LEAVING:
        kind = Kind.LEFT
    else:
        kind = Kind.SAID
    return kind


def sentence(chance):
    """Return a text of a usual length."""
    words = chance.choices(WORDS, k=1 + int(chance.expovariate(1 / 9)))
    return " ".join(words).capitalize() + chance.choice(("", ".", "!", "?"))


def time_of(chance, number):
    """Return the time of a line, which is later than that of the line before."""
    passed = timedelta(days=(number - chance.random()) / LINES_A_DAY)
    return (datetime.min + passed).time().isoformat("microseconds")


# Day after day


def repeat(room, rows):
    """Add one day after the other."""
    today = first_day(room)
    while rows > 0:
        lines = min(rows, LINES_A_DAY)
        add_day(room.pk, today, lines)
        rows -= lines
        today += timedelta(days=1)


def first_day(room):
    """Return the day after the last line."""
    last = room.message_set.order_by("-seq").first()
    return last.at.date() + timedelta(days=1) if last else FIRST_DAY


@transaction.atomic
def add_day(room_id, today, lines):
    """Add the first lines of the day to the log."""
    room = log.lock(room_id)
    before = room.last_seq
    with connection.cursor() as cursor:
        sql = REPEAT.format(**DIALECTS[connection.vendor])
        cursor.execute(sql, [room.pk, before, f"{today} ", before, lines])
    Room.objects.filter(pk=room.pk).update(last_seq=before + lines)


# Indexes


def indexes():
    """Return {name: function that makes it} of the indexes that can be dropped.

    SQLite drops a constraint without a condition by copying the table. The one there is grows at
    its end, which costs little.
    """
    # It is not used as a context manager, which would check the foreign keys of every row.
    editor = connection.schema_editor()
    plain = {each.name: partial(editor.add_index, Message, each) for each in Message._meta.indexes}
    unique = {
        each.name: partial(editor.add_constraint, Message, each)
        for each in Message._meta.constraints
        if each.condition
    }
    return plain | unique


def existing_indexes():
    """Return the names of the indexes that there are."""
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Message._meta.db_table))


def drop_indexes():
    with connection.cursor() as cursor:
        for name in indexes().keys() & existing_indexes():
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")


def make_missing_indexes():
    """Make all that are missing, also those that an earlier run has dropped."""
    existing = existing_indexes()
    for name, make in indexes().items():
        if name not in existing:
            make()


if __name__ == "__main__":
    main()
