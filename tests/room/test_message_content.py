"""The content of a message besides its text: formatting, an edit, reactions and files."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chat.models import Line, Message
from chat.room import log

SPANS = [[0, 3, "bold"], [4, 20, "link", "https://example.org/ü"]]
FILES = [{"name": "grüße.png", "size": 7}]


def line(text, **content):
    return Line(kind="said", name="alice", at=timezone.now(), text=text, **content)


def append(room, *lines):
    with transaction.atomic():
        return log.append(log.lock(room.pk), lines)


@pytest.mark.parametrize("content", [{"spans": SPANS}, {"files": FILES}])
def test_lines_with_and_without_content_are_kept_in_one_batch(lobby, content):
    written = append(lobby, line("plain"), line("rich", **content), line("plain again"))
    assert log.after(lobby.pk, 0, 10) == written


def test_a_line_has_the_content_that_it_got_later(lobby):
    (written,) = append(lobby, line("first"))
    later = written.at + timedelta(seconds=9)
    changes = {"edited": later, "reactions": {"👍": ["bob", "carol"]}}
    Message.objects.filter(room=lobby).update(**changes)
    assert log.after(lobby.pk, 0, 10) == [written._replace(**changes)]


def test_no_content_is_null_in_the_database(lobby):
    append(lobby, line("plain"), line("rich", spans=SPANS))
    empty = {f"{name}__isnull": True for name in ("spans", "files", "reactions", "edited")}
    assert Message.objects.filter(room=lobby, **empty).count() == 1


def test_a_removed_message_shows_none_of_its_content(lobby):
    append(lobby, line("secret", spans=SPANS, files=FILES))
    Message.objects.filter(room=lobby).update(removed=True, reactions={"👍": ["bob"]})
    message = Message.objects.get(room=lobby)
    for shown in [message.line, *log.after(lobby.pk, 0, 10)]:
        assert (shown.text, shown.spans, shown.files, shown.reactions) == ("", None, None, None)
    assert message.files == FILES  # for staff
