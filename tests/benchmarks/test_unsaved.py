"""The site that saves nothing sends the same lines."""

from uuid import uuid4

from chat.models import Line
from chat.room import log, presence, transcript
from chat.room.presence import Entrant
from chat.room.transcript import Saying
from tests.benchmarks.unsaved import UnsavedLines


def test_unsaved_lines_are_those_that_would_have_been_saved(lobby, alice, process):
    (stay,) = presence.enter([Entrant("alice", alice.pk, process, "web")])
    unsaved = UnsavedLines(log, transcript, Line, lambda: [(stay.connection_id, "alice")])
    sayings = [Saying(lobby.pk, stay.connection_id, text, uuid4()) for text in ("one", "two")]
    kept = unsaved.say(sayings)
    assert [said.line for said in kept] == unsaved.after(lobby.pk, 1, 10)
    for said, saved in zip(kept, transcript.say(sayings), strict=True):
        # Nothing that is sent depends on the id of the author.
        same = saved.line._replace(at=said.line.at, author_id=said.line.author_id)
        assert said == saved._replace(line=same)
