"""The lines of the legacy port with their numbers."""

import datetime
import inspect

import pytest

from chat.models import Line, Person
from chat.wire import legacy
from chat.wire.interface import Wire
from chat.wire.numbered import NumberedWire
from chat.wire.room_lines import RoomWire

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)
LOBBY = NumberedWire(legacy)


def line(kind="said", text="hello", **fields):
    return Line(seq=12, kind=kind, name="carol", text=text, at=NOON, **fields)


def test_the_number_and_a_blank_stand_before_each_line():
    assert LOBBY.encode(line()) == b"12 carol: hello\n"
    assert LOBBY.encode(line(text="a\n\nb")) == b"12 carol: a\n12 carol: \n12 carol: b\n"
    assert LOBBY.encode(line("entered")) == b"12 carol has entered the room.\n"
    garden = NumberedWire(RoomWire.of("garden", []))
    assert garden.encode(line()) == b"12 #garden carol: hello\n"


def test_an_edit_has_the_number_of_its_message():
    assert LOBBY.encode(line("edited", of=7)) == b"7 * carol edited: hello\n"


def test_what_is_not_shown_has_no_number():
    assert LOBBY.encode(line("removed", of=7)) == b""


def test_only_lines_have_numbers():
    assert LOBBY.encode_people([Person("carol", guest=True)]) == b"Online Users:\ncarol\n"
    assert LOBBY.batch([b"12 a\n"]) == legacy.batch([b"12 a\n"])


@pytest.mark.parametrize("name", [name for name in vars(Wire) if not name.startswith("_")])
def test_it_is_a_wire(name):
    assert inspect.signature(getattr(NumberedWire, name)) == inspect.signature(getattr(Wire, name))
