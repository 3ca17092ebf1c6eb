"""The form of messages with files at a terminal."""

import datetime

import pytest

from chat.models import Line
from chat.wire import legacy, terminal_text
from chat.wire.room_lines import RoomWire

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)
IMAGE = {
    "id": "a",
    "name": "photo.jpg",
    "size": 5000,
    "width": 1200,
    "height": 800,
    "url": "/files/a/photo.jpg",
}


@pytest.fixture(autouse=True)
def site(monkeypatch):
    monkeypatch.setattr(terminal_text.Addresses, "site", "https://chat.example.org")


def message(text="", files=(IMAGE,)):
    return Line(seq=1, kind="said", name="ann", text=text, at=NOON, files=list(files) or None)


def card(size):
    return {"id": "b", "name": "a b.pdf", "size": size, "url": "/files/b/a%20b.pdf"}


def test_files_stand_behind_the_text_each_in_a_line_of_its_own():
    shown = "ann: [photo.jpg 1200x800 https://chat.example.org/files/a/photo.jpg]\n"
    pdf = "ann: [a b.pdf 5 KB https://chat.example.org/files/b/a%20b.pdf]\n"
    sent = legacy.encode(message("one\ntwo", [IMAGE, card(5000)])).decode()
    assert sent == f"ann: one\nann: two\n{shown}{pdf}"
    assert legacy.encode(message()).decode() == shown
    assert legacy.encode(message(files=[])).decode() == "ann: \n"


def test_files_stand_in_the_history_and_in_the_lines_of_rooms():
    shown = "ann: [photo.jpg 1200x800 https://chat.example.org/files/a/photo.jpg]\n"
    assert b"".join(legacy.history([message()])).decode() == f"2026-01-02 12:30 {shown}"
    assert RoomWire.of("garden", []).encode(message()).decode() == f"#garden {shown}"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(1, "1 byte"), (999, "999 bytes"), (12_345, "12 KB"), (2_340_000, "2.3 MB")],
)
def test_the_size_of_a_file_is_rounded(size, shown):
    assert f"[a b.pdf {shown} https://" in legacy.encode(message(files=[card(size)])).decode()


def test_a_deleted_file_has_no_address():
    gone = {name: value for name, value in IMAGE.items() if name != "url"}
    assert legacy.encode(message(files=[gone])) == b"ann: [photo.jpg 1200x800 deleted]\n"


def test_a_removed_message_shows_no_files():
    line = message("text")._replace(removed=True).as_shown()
    assert legacy.encode(line) == b"ann: \n"
