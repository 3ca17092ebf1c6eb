"""The queue of reports: who sees which, how they are decided, and who is told."""

import pytest
from django.utils import timezone

from chat.models import (
    Application,
    Connection,
    HeldMessage,
    JoinRequest,
    Membership,
    ModerationEntry,
    Report,
    User,
)
from chat.room import (
    creation,
    membership,
    personal_notices,
    presence,
    reporting,
    reports,
    targets,
)
from chat.room.actions import Actor
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode
from chat.room.reporting import Reporter
from tests.support.presence import enter, say
from tests.support.rooms import refusal


@pytest.fixture
def warden(transactional_db):
    """A moderator of the site."""
    return User.objects.create_user("warden", is_staff=True)


def report(user, room, seq, why="spam", person=None):
    return reporting.report(Reporter(user, user.username, Door.PAGE), room.pk, seq, person, why)


def page(user):
    return Moderator(user, Door.PAGE, "203.0.113.7")


def seen(user):
    return list(reports.open_reports(user))


# Seeing


def test_the_moderators_of_the_room_and_of_the_site_see_a_report(
    garden, stays, said, alice, bob, carol, warden
):
    found = report(carol, garden, said)
    dave = User.objects.create_user("dave")
    membership.join(garden.pk, dave)
    assert seen(alice) == seen(warden) == [found]
    assert seen(carol) == seen(dave) == []
    Membership.objects.filter(room=garden, user=dave).update(role="moderator")
    assert seen(dave) == [found]


def test_only_their_moderators_see_reports_from_private_rooms(cellar, stays, alice, carol, warden):
    membership.invite(cellar.pk, carol, alice)
    membership.invite(cellar.pk, warden, alice)
    Membership.objects.filter(room=cellar, user=carol).update(role="moderator")
    (stay,) = enter(None, warden, process=Connection.objects.first().process_id)
    seq = say(cellar, stay, "secret").seq
    found = report(alice, cellar, seq)
    assert seen(carol) == [found]
    warden.is_superuser = True
    warden.save()
    assert seen(warden) == []
    assert refusal(reports.dismiss, page(warden), found.pk) == RefusalCode.NO_SUCH_ENTRY


def test_the_administrators_decide_about_all_reports_in_the_admin(cellar, stays, alice, bob, carol):
    membership.invite(cellar.pk, bob, alice)
    found = report(alice, cellar, say(cellar, stays[1], "secret").seq)
    carol.is_staff = True
    admin = Moderator(carol, Door.ADMIN)
    assert refusal(reports.dismiss, admin, found.pk) == RefusalCode.NO_SUCH_ENTRY
    carol.is_superuser = True
    assert reports.dismiss(admin, found.pk).state == "dismissed"


def test_reports_from_direct_rooms_go_to_the_moderators_of_the_site(
    stays, alice, bob, carol, warden
):
    room = creation.open_direct(alice, [bob])
    found = report(alice, room, say(room, stays[1], "secret").seq)
    assert seen(warden) == [found]
    assert seen(alice) == seen(bob) == seen(carol) == []
    assert ModerationEntry.objects.get().room == "a direct room"


def test_nobody_decides_about_a_report_about_themselves(garden, stays, carol, bob):
    Membership.objects.filter(room=garden, user=bob).update(role="moderator")
    found = report(carol, garden, say(garden, stays[1], "hello").seq)
    assert seen(bob) == []
    assert refusal(reports.dismiss, page(bob), found.pk) == RefusalCode.NO_SUCH_ENTRY


# Deciding


@pytest.mark.parametrize(
    ("decide", "state", "action"),
    [(reports.handle, "handled", "handle"), (reports.dismiss, "dismissed", "dismiss")],
)
def test_a_report_is_decided_about_once(
    garden, stays, said, alice, bob, carol, decide, state, action
):
    found = decide(page(alice), report(carol, garden, said).pk, "was rude")
    assert (found.state, found.decided_by) == (state, "alice")
    assert found.decided is not None
    assert seen(alice) == []
    entry = ModerationEntry.objects.latest("pk")
    assert (entry.action, entry.by, entry.target_id) == (action, "alice", bob.pk)
    assert (entry.reason, entry.room_id, entry.seq) == ("was rude", garden.pk, said)
    assert refusal(decide, page(alice), found.pk) == RefusalCode.DECIDED
    assert ModerationEntry.objects.count() == 2


def test_all_reports_of_a_message_are_decided_together(garden, stays, said, alice, carol, warden):
    first, second = report(carol, garden, said), report(warden, garden, said)
    reports.handle(page(alice), second.pk)
    first.refresh_from_db()
    assert first.state == "handled"
    assert ModerationEntry.objects.latest("pk").detail == "2 reports"


def test_a_decision_that_fails_changes_nothing(garden, stays, said, alice, carol):
    found = report(carol, garden, said)
    refused = refusal(reports.handle, page(alice), found.pk, "x" * 301)
    assert refused == RefusalCode.TOO_LONG
    assert seen(alice) == [found]


def test_unknown_reports_are_refused(alice):
    assert refusal(reports.handle, page(alice), 77) == RefusalCode.NO_SUCH_ENTRY


# Telling the reporter


def test_the_reporter_is_told_once_that_somebody_has_looked(garden, stays, said, alice, carol):
    connections = [stay.connection_id for stay in stays]
    found = report(carol, garden, said)
    assert personal_notices.take(connections) == {}
    reports.dismiss(page(alice), found.pk)
    told = {connections[2]: ["report"]}
    assert personal_notices.waiting(connections) == told
    assert personal_notices.take(connections) == told
    assert personal_notices.take(connections) == {}


def test_a_guest_is_told_and_an_account_of_an_old_report_is_not(lobby, stays, alice, process):
    (eve,) = enter(lobby, "eve", process=process)
    seq = say(lobby, stays[1], "hello").seq
    found = reporting.report_as(Actor(None, eve.connection_id), lobby.pk, seq, None, "spam")
    alice.is_staff = True
    reports.handle(page(alice), found.pk)
    assert personal_notices.waiting([eve.connection_id]) == {eve.connection_id: ["report"]}
    Report.objects.update(at=found.at - personal_notices.KEPT)
    assert personal_notices.waiting([eve.connection_id]) == {}


def test_another_guest_of_the_same_name_is_told_nothing(lobby, stays, process):
    (eve,) = enter(lobby, "eve", process=process)
    found = reporting.report_as(Actor(None, eve.connection_id), lobby.pk, None, "alice", "rude")
    presence.leave([eve.connection_id])
    (later,) = enter(lobby, "eve", process=process)
    reports.dismiss(Moderator(None, Door.COMMAND), found.pk)
    assert personal_notices.waiting([later.connection_id]) == {}


# Deleting


def test_reports_are_deleted_long_after_the_decision(garden, stays, said, alice, carol, warden):
    open_one = report(carol, garden, None, person=targets.of_account(warden))
    kept, old = report(warden, garden, said), report(carol, garden, said)
    reports.dismiss(page(alice), kept.pk)
    decided = Report.objects.filter(pk=old.pk)
    decided.update(decided=timezone.now() - reports.KEPT)
    assert not reports.delete_old()
    assert set(Report.objects.all()) == {open_one, kept}
    assert ModerationEntry.objects.filter(action="dismiss").exists()


def test_old_reports_are_deleted_a_few_at_a_time(garden, stays, said, carol, warden, monkeypatch):
    monkeypatch.setattr(reports, "DELETED_AT_ONCE", 1)
    for user in (carol, warden):
        report(user, garden, said)
    Report.objects.update(state="handled", decided=timezone.now() - reports.KEPT)
    assert reports.delete_old()
    assert reports.delete_old()
    assert not reports.delete_old()
    assert not Report.objects.exists()


# Counting


def test_what_waits_for_somebody_is_counted(garden, stays, said, alice, bob, carol, warden):
    report(carol, garden, said)
    now = timezone.now()
    held = {"room": garden, "user": bob, "name": "bob", "key": "bob", "at": now}
    HeldMessage.objects.create(**held)
    HeldMessage.objects.create(**held, decision="refused")
    JoinRequest.objects.create(room=garden, user=bob, at=now)
    Application.objects.create(user=bob, at=now)  # who is active
    waits = User.objects.create_user("newcomer", is_active=False)
    Application.objects.create(user=waits, at=now)
    assert reports.waiting(alice) == {"reports": 1, "held": 1, "requests": 1}
    assert reports.waiting_count(warden) == 4
    assert reports.waiting_count(carol) == 0


def test_those_moderate_who_have_a_role_anywhere_or_the_rights(garden, cellar, bob, alice, warden):
    creation.open_direct(bob, [warden])
    assert not reports.moderates(bob)
    assert reports.moderates(alice)
    assert reports.moderates(warden)
