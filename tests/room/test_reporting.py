"""Reporting messages and people: what is saved, and what is refused."""

import pytest

from chat.models import ModerationEntry, Report, User
from chat.room import presence, reporting, targets
from chat.room.actions import Actor
from chat.room.moderation_log import Door
from chat.room.refusal import RefusalCode, Refused
from chat.room.reporting import Reporter
from tests.support.amending import remove
from tests.support.presence import enter, say
from tests.support.rooms import refusal


@pytest.fixture
def ann(carol):
    """carol, who reports from the page."""
    return Reporter(carol, "carol", Door.PAGE, "203.0.113.7")


def guest(name="eve"):
    return Reporter(None, name, Door.TEXT)


def report(reporter, room, seq=None, person=None, why="spam"):
    target = None if person is None else targets.find(person)
    return reporting.report(reporter, room.pk, seq, target, why)


def test_a_report_has_the_message_and_those_before_it(garden, stays, ann, bob):
    texts = [f"line {number}" for number in range(9)]
    seq = say(garden, stays[1], *texts).seq
    say(garden, stays[1], "after it")
    found = report(ann, garden, seq, why="  rude\nwords ")
    assert (found.name, found.user, found.why) == ("bob", bob, "rude words")
    assert [each["text"] for each in found.context] == texts[3:]
    assert found.context[-1]["seq"] == seq
    assert set(found.context[0]) == {"seq", "name", "text", "at"}


def test_a_removed_message_is_not_in_the_context(garden, stays, ann):
    first = say(garden, stays[1], "one").seq
    seq = say(garden, stays[1], "two").seq
    remove(garden, stays[1], first)
    assert [each["text"] for each in report(ann, garden, seq).context] == ["two"]


def test_a_report_of_a_person_has_what_they_have_said_in_the_room(lobby, garden, stays, ann):
    say(lobby, stays[1], "elsewhere")
    say(garden, stays[1], "one", "two")
    say(garden, stays[2], "of carol")
    found = report(ann, garden, person="bob")
    assert [each["text"] for each in found.context] == ["one", "two"]
    assert found.seq is None


def test_a_report_is_in_the_log_with_the_reporter(garden, stays, said, ann, bob, carol):
    report(ann, garden, said)
    entry = ModerationEntry.objects.get()
    assert (entry.action, entry.by, entry.by_id) == ("report", "carol", carol.pk)
    assert (entry.target, entry.target_id, entry.seq) == ("bob", bob.pk, said)
    assert (entry.room, entry.reason, entry.by_address) == ("The Garden", "spam", "203.0.113.7")


def test_a_thing_is_reported_once_by_each_while_nobody_has_looked(garden, stays, said, ann, alice):
    first = report(ann, garden, said)
    assert report(ann, garden, said, why="again") == first
    assert report(ann, garden, person="bob") != first
    assert report(Reporter(alice, "alice", Door.PAGE), garden, said) != first
    Report.objects.update(state="handled")
    assert report(ann, garden, said) != first


def test_somebody_reports_a_few_things_in_ten_minutes(garden, stays, ann):
    seqs = [say(garden, stays[1], f"line {n}").seq for n in range(6)]
    for seq in seqs[:5]:
        report(ann, garden, seq)
    with pytest.raises(Refused) as refused:
        report(ann, garden, seqs[5])
    assert refused.value.code == RefusalCode.TOO_SOON
    assert 0 < refused.value.wait <= 600
    Report.objects.update(at=Report.objects.first().at - reporting.WINDOW)
    assert report(ann, garden, seqs[5])


def test_guests_cannot_fill_the_queue_of_a_room(lobby, stays, ann, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_OPEN_OF_GUESTS", 2)
    seq = say(lobby, stays[1], "hello").seq
    for name in ("eve", "mallory"):
        report(guest(name), lobby, seq)
    with pytest.raises(Refused) as refused:
        report(guest("trent"), lobby, seq)
    assert refused.value.code == RefusalCode.TOO_SOON
    assert report(ann, lobby, seq)
    monkeypatch.setattr(reporting, "MOST_OPEN", 3)
    assert refusal(report, ann, lobby, person="bob") == RefusalCode.TOO_SOON


def test_what_the_reporter_may_not_read_does_not_exist(cellar, alice, process, ann):
    (stay,) = enter(None, alice, process=process)
    seq = say(cellar, stay, "secret").seq
    assert refusal(report, ann, cellar, seq) == RefusalCode.NO_SUCH_ROOM
    assert refusal(reporting.report, ann, 10**9, seq, None, "") == RefusalCode.NO_SUCH_ROOM
    assert refusal(report, guest(), cellar, seq) == RefusalCode.NO_SUCH_ROOM


def test_what_cannot_be_reported_is_refused(garden, stays, said, ann):
    own = say(garden, stays[2], "mine").seq
    assert refusal(report, ann, garden, own) == RefusalCode.NOT_ALLOWED
    assert refusal(report, ann, garden, person="carol") == RefusalCode.NOT_ALLOWED
    assert refusal(report, ann, garden, 10**6) == RefusalCode.NO_SUCH_MESSAGE
    assert refusal(report, ann, garden, 1) == RefusalCode.NO_SUCH_MESSAGE  # no message
    assert refusal(report, ann, garden, said, why="x" * 301) == RefusalCode.TOO_LONG
    assert refusal(report, ann, garden) == RefusalCode.NO_SUCH_PERSON
    assert refusal(report, ann, garden, person="nobody") == RefusalCode.NO_SUCH_PERSON
    assert refusal(report, ann, garden, person="address:203.0.113.7") == RefusalCode.NO_SUCH_PERSON
    remove(garden, stays[1], said)
    assert refusal(report, ann, garden, said) == RefusalCode.NO_SUCH_MESSAGE
    assert not Report.objects.exists()


def test_a_guest_can_be_reported_who_is_here_or_has_spoken(lobby, process, ann):
    (stay,) = enter(lobby, "eve", process=process)
    assert report(ann, lobby, person="eve").user is None
    seq = say(lobby, stay, "buy this").seq
    presence.leave([stay.connection_id])
    Report.objects.all().delete()
    found = report(ann, lobby, person="eve")
    assert [each["seq"] for each in found.context] == [seq]


def test_somebody_reports_from_the_door_of_their_connection(lobby, garden, stays, said, process):
    (stay,) = enter(lobby, "eve", process=process)
    seq = say(lobby, stays[1], "hello").seq
    found = reporting.report_as(Actor(None, stay.connection_id), lobby.pk, seq, None, "spam")
    assert (found.reporter, found.reporter_name) == (None, "eve")
    entry = ModerationEntry.objects.get()
    assert (entry.by, entry.by_id, entry.door) == ("eve", None, "text")
    with pytest.raises(Refused) as refused:
        reporting.report_as(Actor(None, 10**9), lobby.pk, seq, None, "spam")
    assert refused.value.code == RefusalCode.NOT_IN_ROOM
    account = Actor(User.objects.get(username="carol").pk, stays[2].connection_id)
    found = reporting.report_as(account, garden.pk, None, "bob", "spam")
    assert (found.name, found.reporter_name) == ("bob", "carol")
