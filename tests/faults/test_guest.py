"""A guest of the harness says one thing at a time, and knows the answers."""

import pytest

from tests.faults.guest import LOGGED_IN, NOT_SENT, PERHAPS_SENT, ClientGuest


class WrittenLines:
    """A transport that keeps what is written."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)

    def is_closing(self):
        return False


@pytest.fixture
def carol():
    carol = ClientGuest("carol", None)
    carol.connection_made(WrittenLines())
    return carol


@pytest.fixture
def inside(carol):
    carol.data_received(b"Connect Success")
    carol.data_received(LOGGED_IN)
    carol.transport.written.clear()
    return carol


def test_a_guest_logs_in_after_the_greeting(carol):
    carol.data_received(b"Connect ")
    assert carol.transport.written == []
    carol.data_received(b"Success")
    assert carol.transport.written == [b"login carol\n"]
    carol.data_received(b"Login Successalice: hello\n")
    assert carol.connected
    assert carol.heard == b"alice: hello\n"


def test_a_guest_may_be_refused(carol):
    carol.data_received(b"Connect Success")
    carol.data_received(b"UserName Exist")
    assert carol.reply == b"UserName Exist"
    assert not carol.connected


def test_the_own_line_acknowledges_a_message_and_lets_the_next_one_follow(inside):
    first, second = inside.say("one"), inside.say("two")
    assert inside.transport.written == [b"say one\n"]
    inside.data_received(b"alice: one\ncarol: o")
    assert first.acknowledged_at is None
    inside.data_received(b"ne\n")
    assert first.acknowledged_at is not None
    assert inside.transport.written == [b"say one\n", b"say two\n"]
    assert inside.waiting
    inside.data_received(b"carol: two\n")
    assert second.acknowledged_at is not None
    assert not inside.waiting
    assert len(inside.attempts) == 2


@pytest.mark.parametrize(("answer", "may_be_saved"), [(NOT_SENT, False), (PERHAPS_SENT, True)])
def test_a_refused_message_is_not_sent_again(inside, answer, may_be_saved):
    refused = inside.say("one")
    inside.data_received(answer)
    assert refused.may_be_saved == may_be_saved
    assert refused.acknowledged_at is None
    assert len(refused.refused_at) == 1
    assert inside.transport.written == [b"say one\n"]
    assert not inside.waiting
