"""A small log, and crowds without a network, for the tests of the judge's checks."""

from types import SimpleNamespace

from tests.faults.guest import LOGGED_IN, ClientGuest
from tests.faults.ledger import SentMessage
from tests.faults.member import ClientMember
from tests.support.site_database import SavedLine, SavedLog, SavedMessage


def line(seq, kind, name, text="", client_id=None, *, guest=False, of=None):
    """Return a `SavedLine`. Fields that most lines do not need have defaults."""
    return SavedLine(
        seq=seq, kind=kind, name=name, text=text, client_id=client_id, guest=guest, of=of
    )


def saved_log(*lines, **changes):
    """Return a log whose messages are as they were said.

    `changes` are fields of messages that differ, by `_` and the number.
    """
    messages = {
        each.seq: SavedMessage(
            each.name, (each.text,), removed=False, edited=False, reactions={}, of=each.of
        )._replace(**changes.get(f"_{each.seq}", {}))
        for each in lines
        if each.kind == "said"
    }
    return SavedLog(lines, messages)


LOG = saved_log(
    line(1, "entered", "alice"),
    line(2, "entered", "carol", guest=True),
    line(3, "said", "alice", "one", "id-1"),
    line(4, "said", "carol", "two", guest=True),
    line(5, "left", "carol", guest=True, of=2),
)
ALICE, CAROL = {"name": "alice", "guest": False}, {"name": "carol", "guest": True}


def frames(lines):
    """Return lines of the log as they come in frames."""
    return [line._asdict() for line in lines]


def alice_with_the_log():
    """Return a member that has received all of `LOG`."""
    alice = ClientMember("alice", "key", [])
    alice.received.entered, alice.received.last = 1, 5
    alice.received.lines = frames(LOG[1:])
    alice.received.first_lines = frames(LOG[:1])
    return alice


def carol_with_a_run():
    """Return a guest that has left, and has received everything until then."""
    carol = ClientGuest("carol", None)
    carol.reply, carol.closed = LOGGED_IN, True
    carol.heard += b"alice: one\ncarol: two\n"
    return carol


def crowd_of(*members, guests=(), people=(), connections=(), servers=()):
    """Return a crowd on a site whose tables of presence and connections have these names."""
    database = SimpleNamespace(
        people=lambda: list(people), connected_names=lambda: list(connections)
    )
    site = SimpleNamespace(database=database, servers=servers)
    return SimpleNamespace(members=members, guests=guests, site=site)


def acknowledge(client, key, text, seq):
    """Add an acknowledged message to a ledger, under its id or, for guests, its text."""
    message = SentMessage(text, key if isinstance(client, ClientMember) else None)
    message.acknowledged_at, message.seq = 1.0, seq
    client.ledger[key] = message


def answering(answer):
    """Return a coroutine function that returns `answer`."""

    async def give(*args, **kwargs):
        return answer

    return give
