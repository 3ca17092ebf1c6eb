"""The sanctions of the benchmarks are looked at, and keep nobody from speaking."""

from uuid import uuid4

from chat.models import Muted, Sanction
from chat.room import presence, transcript
from chat.room.presence import Entrant
from chat.room.transcript import Said, Saying
from tests.benchmarks import sanctions

COUNT = 18  # two of each kind


def test_people_with_sanctions_of_the_benchmarks_enter_and_speak(lobby, alice, process):
    assert sanctions.fill([alice], COUNT) == Sanction.objects.count() == COUNT
    entrants = [
        Entrant("alice", alice.pk, process, "web", address="127.0.0.1"),
        Entrant("guesta", None, process, "text", address="127.0.0.1"),
    ]
    stays = presence.enter(entrants)
    assert Muted.objects.count() == 2  # those that hold in another room
    sayings = [Saying(lobby.pk, stay.connection_id, "hello", uuid4()) for stay in stays]
    assert all(isinstance(said, Said) for said in transcript.say(sayings))
