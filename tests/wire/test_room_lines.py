"""The lines of the legacy port about rooms besides the lobby."""

import datetime

import pytest

from chat.models import Line, Person
from chat.room.summaries import RoomSummary
from chat.wire import room_lines
from chat.wire.room_lines import RoomWire

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)
GARDEN = RoomWire.of("garden", [])


def line(kind, text="", name="alice"):
    return Line(seq=1, kind=kind, name=name, text=text, at=NOON)


def summary(slug, **fields):
    plain = {"id": 1, "slug": slug, "name": "", "kind": "open", "topic": "", "last": 0, "read": 0}
    counts = {"unread": 0, "mentions": 0, "level": "all", "role": None, "archived": False}
    return RoomSummary(
        **(plain | counts | {"guests": False, "favourite": False, "people": []} | fields)
    )


@pytest.mark.parametrize(
    ("slug", "people", "shown"),
    [
        ("garden", [], b"#garden alice: one\n#garden alice: \n#garden alice: two\n"),
        ("x", ["bob"], b"@alice: one\n@alice: \n@alice: two\n"),
        ("x", ["bob", "eve"], b"@bob,eve alice: one\n@bob,eve alice: \n@bob,eve alice: two\n"),
    ],
)
def test_every_line_of_a_message_names_the_room_and_the_author(slug, people, shown):
    assert RoomWire.of(slug, people).encode(line("said", "one\n\ntwo")) == shown


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("joined", "bob", "alice has joined the room."),
        ("parted", "", "alice has left the room."),
        ("topic", "Tea", "alice has set the topic: Tea"),
        ("topic", "", "alice has removed the topic."),
        ("renamed", "Tea room", "alice has named the room: Tea room"),
        ("archived", "", "alice has archived the room."),
        ("reopened", "", "alice has opened the room again."),
        ("role", "moderator", "alice is a moderator now."),
        ("access", "private", "alice has made the room private."),
        ("access", "open", "alice has made the room open."),
        ("access", "guests", "alice has made the room open, also for guests."),
        ("notice", "tea\nis ready", "tea\n#garden * is ready"),
    ],
)
def test_changes_are_shown_behind_a_sign_that_no_name_begins_with(kind, text, shown):
    assert GARDEN.encode(line(kind, text)) == f"#garden * {shown}\n".encode()


@pytest.mark.parametrize("kind", ["created", "removed", "entered", "from a newer version"])
def test_other_kinds_of_lines_are_not_shown(kind):
    assert GARDEN.encode(line(kind, "x")) == b""


def test_wires_of_one_room_are_the_same_key_and_send_as_the_legacy_port_does():
    assert {GARDEN: 1}[RoomWire.of("garden", [])] == 1
    assert GARDEN.batch([b"a\n", b"", b"b\n"]) == [{"type": "tcp.send", "data": b"a\nb\n"}]
    assert GARDEN.encode_people([Person(name="bob", guest=True)]) == b"Online Users:\nbob\n"


def test_rooms_are_listed_with_names_that_look_like_no_speaker():
    own = [
        summary("lobby", name="Lobby"),
        summary("garden", name="bob: hi", topic="Tea", unread=3, mentions=1),
        summary("x", people=["bob", "eve"], unread=2),
    ]
    assert room_lines.rooms(own, []) == (
        b"Your Rooms:\n#lobby (Lobby)\n#garden (bob: hi) Tea [3 unread, 1 for you]\n"
        b"@bob,eve [2 unread]\n"
    )
    assert room_lines.rooms(own[:1], [summary("tea", name="Tea room")]) == (
        b"Your Rooms:\n#lobby (Lobby)\nOther Rooms:\n#tea (Tea room)\n"
    )
