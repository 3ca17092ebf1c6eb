"""The document of both protocols describes what exists, all of it, and nothing else."""

import json
import re
from datetime import UTC, datetime

import pytest

from chat.markup import marks, parsing, spans
from chat.models import Line, Message
from chat.names import mentions
from chat.wire import (
    client_frames,
    frames,
    legacy,
    moderation_lines,
    numbered,
    refusal_lines,
    room_lines,
)
from chat.wire.words import WORDS
from tests.support.documents import column, read, relative, rows, section, words
from tests.support.starts import PROJECT

pytestmark = pytest.mark.same_on_every_database

README, WIRE = read("README.md"), read("chat/wire/README.md")


def test_every_frame_is_in_the_table_and_the_other_way_round():
    sender = {"client": set(), "server": set()}
    for source, frame, *_ in rows(section(WIRE, "Frames")):
        sender[re.split(r"\W", source)[0]] |= set(words([frame]))
    source = read("chat/wire/frames.py") + read("chat/wire/room_frames.py")
    assert sender["client"] == client_frames.COMMANDS.keys()
    assert sender["server"] == set(re.findall(r'"type": ?"(\w+)"', source))


def test_every_field_of_a_line_is_in_the_table_and_the_other_way_round():
    line = Line(
        seq=1,
        kind="said",
        name="ann",
        text="",
        at=datetime.now(UTC),
        client_id=None,
        guest=False,
        of=None,
        removed=True,
        spans=[[0, 1, "bold"]],
        edited=datetime.now(UTC),
        reactions={"👍": ["bob"]},
        files=[{"name": "photo.jpg"}],
        quote={"name": "bob", "text": "hello"},
    )
    assert sorted(column(WIRE, "Lines")) == sorted(json.loads(frames.encode(line)))


def test_every_kind_of_span_is_in_the_table_and_the_other_way_round():
    listed = " ".join(row[0] for row in rows(section(WIRE, "Formatting")))
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(spans.KINDS)
    most = marks.MAX_SPANS + parsing.MAX_ROOMS + mentions.MAX_MENTIONS
    assert f"at most {most}." in section(WIRE, "Formatting")


def test_every_kind_of_line_is_listed_and_the_other_way_round():
    (kinds,) = [row[1] for row in rows(section(WIRE, "Lines")) if row[0] == "`kind`"]
    assert sorted(re.findall(r"`(\w+)`", kinds)) == sorted(Message.Kind.values)


def test_every_error_code_is_in_the_table_and_the_other_way_round():
    assert sorted(column(WIRE, "Errors")) == sorted(frames.TEXTS)


def test_every_close_code_is_in_the_table_and_the_other_way_round():
    listed = [(int(row[0]), *words([row[1]])) for row in rows(section(WIRE, "Close codes"))]
    closes = [tuple(value) for value in vars(frames).values() if isinstance(value, frames.Close)]
    assert sorted(listed) == sorted(closes)


def test_every_word_of_the_legacy_port_is_in_the_table_and_the_other_way_round():
    assert sorted(column(WIRE, "Words")) == sorted(WORDS)


def test_the_readme_shows_every_word_of_the_legacy_port():
    for word in WORDS:
        assert re.search(rf"\b{word}\b", section(README, "Use it")), word


def test_every_answer_of_the_legacy_port_is_described():
    modules = (legacy, room_lines, numbered, refusal_lines, moderation_lines)
    names = [item for module in modules for item in vars(module).items()]
    answers = [value for _, value in names if isinstance(value, bytes)]
    assert len(answers) > 15
    for answer in answers:
        assert f"`{answer.decode().strip()}`" in section(WIRE, "The legacy port"), answer


def test_every_difference_that_the_code_names_is_described():
    described = set(re.findall(r"\bD\d+\b", section(WIRE, "Differences from the original")))
    for path in [*(PROJECT / "chat").rglob("*.py"), *(PROJECT / "tests").rglob("*.py")]:
        named = set(re.findall(r"\bD\d+\b", path.read_text()))
        assert named <= described, relative(path)
