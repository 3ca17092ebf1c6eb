"""The cork: what a connection is sent for several rooms becomes one write."""

import asyncio

import pytest

from chat.live.cork import Cork, cork
from chat.room import creation, membership
from tests.support.live_members import LiveMember
from tests.support.live_servers import running


class Recorder(asyncio.WriteTransport):
    """A transport that notes each write, as the parts that it is given."""

    def __init__(self):
        super().__init__()
        self.writes = []
        self.closing = False

    def write(self, data):
        self.writes.append([data])

    def writelines(self, parts):
        assert not self.closing, "a closed transport refuses everything"
        self.writes.append(list(parts))

    def is_closing(self):
        return self.closing


def test_without_the_cork_each_write_goes_through_at_once():
    own, transport = Cork(), Recorder()
    own.write(transport, b"one")
    own.write(transport, b"two")
    assert transport.writes == [[b"one"], [b"two"]]


def test_what_was_held_back_is_one_write_for_each_connection_in_its_order():
    own, here, there = Cork(), Recorder(), Recorder()
    with own.in_place():
        for transport, data in ((here, b"one"), (there, b"1"), (here, b"two"), (there, b"2")):
            own.write(transport, data)
        assert here.writes == there.writes == []
    assert (here.writes, there.writes) == ([[b"one", b"two"]], [[b"1", b"2"]])
    own.write(here, b"three")
    assert here.writes[1:] == [[b"three"]]


def test_an_error_keeps_nothing_back_and_closed_connections_are_left_out():
    own, open_one, closed = Cork(), Recorder(), Recorder()
    with pytest.raises(ZeroDivisionError), own.in_place():
        own.write(open_one, b"one")
        own.write(closed, b"one")
        closed.closing = True
        1 / 0  # noqa: B018
    assert open_one.writes == [[b"one"]]
    assert closed.writes == []
    assert own.held is None


class Watching(LiveMember):
    """A member that notes for each batch of lines whether it was held back."""

    def __init__(self):
        super().__init__()
        self.were_held = []

    def write(self, events):
        self.were_held.append(cork.held is not None)
        return super().write(events)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_looks")
def test_messages_of_several_rooms_that_are_saved_together_are_sent_together(garden, alice, bob):
    orchard = creation.create(alice, "Orchard")
    membership.join(orchard.pk, bob)

    async def journey():
        async with running(1) as server:
            ann = await Watching().enter(server, alice)
            ben = await Watching().enter(server, bob)
            for member in (ann, ben):
                await member.open(garden)
                await member.open(orchard)
                member.were_held.clear()
            # The first one opens the connection to the database, so that the others come together.
            await ann.say(garden, "alone")
            assert ben.were_held == [False]
            await asyncio.gather(ann.say(garden, "one"), ben.say(orchard, "two"))
            for member in (ann, ben):
                assert member.texts(garden) == ["alone", "one"]
                assert member.texts(orchard) == ["two"]
                assert member.were_held == [False, True, True]
            assert cork.held is None

    asyncio.run(journey())
