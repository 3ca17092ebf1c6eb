"""The page with reports: what it shows, and what is done about one."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Message, ModerationEntry, Report, Sanction, User
from chat.room import creation, membership, reporting, targets
from chat.room.moderation_log import Door
from chat.room.reporting import Reporter
from tests.support.admin import shown_messages, signed_in
from tests.support.pages import problems, text_of
from tests.support.presence import enter, say

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/moderation/reports/"


@pytest.fixture
def report(garden, said, carol):
    """A report of bob's message."""
    by = Reporter(carol, "carol", Door.PAGE)
    return reporting.report(by, garden.pk, said, None, "this is <i>spam</i>")


def send(browser, report, action, **fields):
    fields = {"action": action, "entry": report.pk, **fields}
    return browser.post(PATH, fields, follow=True)


def choices(browser):
    """Return what the form of the first report offers."""
    form = browser.get(PATH).context["reports"][0].form
    return [value for value, _ in form.fields["what"].choices] if form else []


def state(report):
    return Report.objects.get(pk=report.pk).state


def test_a_report_is_shown_with_its_context_and_escaped(report, owner):
    page = text_of(owner.get(PATH))
    assert "this is &lt;i&gt;spam&lt;/i&gt;" in page
    assert "buy &lt;b&gt;this&lt;/b&gt;" in page
    assert "Reported by <bdi>carol</bdi>" in page
    assert f'href="/r/garden/{report.seq}/"' in page


def test_nothing_waits(garden, owner):
    assert "No reports are waiting." in text_of(owner.get(PATH))


def test_what_is_offered_depends_on_the_moderator(report, owner, staff):
    here = ["remove", "mute", "kick", "ban"]
    assert choices(owner) == here
    assert choices(staff) == [*here, "site_mute", "site_kick", "site_ban"]


def test_in_the_lobby_everything_holds_on_the_site(lobby, said, alice, bob, carol, staff, process):
    (stay,) = enter(lobby, alice, process=process)
    seq = say(lobby, stay, "hello").seq
    reporting.report(Reporter(carol, "carol", Door.PAGE), lobby.pk, seq, None, "spam")
    assert choices(staff) == ["remove", "site_mute", "site_kick", "site_ban"]


@pytest.mark.parametrize("rank", ["permission", "superuser"])
def test_somebody_with_rights_on_the_site_is_offered_to_higher_ranks_only(
    lobby, alice, bob, carol, staff, rank
):
    if rank == "permission":
        bob.user_permissions.add(Permission.objects.get(codename="moderate"))
    else:
        User.objects.filter(pk=bob.pk).update(is_superuser=True)
    about = targets.of_account(bob)
    reporting.report(Reporter(carol, "carol", Door.PAGE), lobby.pk, None, about, "rude")
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    everything = ["site_mute", "site_kick", "site_ban"]
    assert choices(staff) == []
    assert choices(signed_in(alice)) == (everything if rank == "permission" else [])


def test_a_longer_list_needs_no_more_statements(garden, carol, staff, django_assert_num_queries):
    reporter = Reporter(carol, "carol", Door.PAGE)

    def report_somebody(number):
        person = User.objects.create_user(f"person{number}")
        membership.join(garden.pk, person)
        reporting.report(reporter, garden.pk, None, targets.of_account(person), "rude")

    report_somebody(0)
    with CaptureQueriesContext(connection) as first:
        assert len(staff.get(PATH).context["reports"]) == 1
    for number in range(1, 4):
        report_somebody(number)
    with django_assert_num_queries(len(first)):
        assert len(staff.get(PATH).context["reports"]) == 4


def test_from_a_direct_room_nothing_is_removed_there(said, bob, carol, staff, process):
    room = creation.open_direct(carol, [bob])
    (stay,) = enter(None, bob, process=process)
    seq = say(room, stay, "psst").seq
    reporting.report(Reporter(carol, "carol", Door.PAGE), room.pk, seq, None, "rude")
    assert choices(staff) == ["site_mute", "site_kick", "site_ban"]
    page = text_of(staff.get(PATH))
    assert f"/r/{room.slug}/" not in page  # which the moderator may not read
    assert "bob, carol" in page


def test_about_somebody_of_a_higher_rank_nothing_can_be_done(garden, alice, carol):
    reporter = Reporter(carol, "carol", Door.PAGE)
    reporting.report(reporter, garden.pk, None, targets.of_account(alice), "rude")
    dave = User.objects.create_user("dave")
    membership.join(garden.pk, dave)
    Membership.objects.filter(user=dave).update(role="moderator")
    assert choices(signed_in(dave)) == []
    page = send(signed_in(dave), Report.objects.get(), "handle", what="mute", duration="1d")
    assert problems(page)
    assert not Sanction.objects.exists()


def test_a_person_is_muted_for_a_while(report, owner, bob, garden):
    page = send(owner, report, "handle", what="mute", duration="1d", reason="spam")
    assert "the reporter is told" in shown_messages(page)[0]
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.room, sanction.user) == ("mute", garden, bob)
    assert (sanction.until - sanction.since).days == 1
    assert sanction.reason == "spam"
    assert state(report) == "handled"
    actions = ModerationEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["report", "mute", "handle"]
    assert ModerationEntry.objects.filter(by_address="127.0.0.1", by="alice").count() == 2


def test_a_person_is_banned_from_the_site_for_good(report, staff, bob):
    send(staff, report, "handle", what="site_ban", duration="", reason="spam")
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.room, sanction.until) == ("ban", None, None)


def test_a_message_is_removed(report, owner, garden, said):
    send(owner, report, "handle", what="remove", duration="10m", reason="")
    assert Message.objects.get(room=garden, seq=said).removed
    assert state(report) == "handled"


def test_a_report_is_dismissed(report, owner):
    page = send(owner, report, "dismiss", reason="")
    assert "dismissed" in shown_messages(page)[0]
    assert state(report) == "dismissed"
    page = send(owner, report, "dismiss", reason="")
    assert problems(page) == ["There is nothing like that, or not any more."] or problems(page) == [
        "Somebody has decided about it already."
    ]


def test_what_is_not_offered_is_not_done(report, owner):
    for fields in (
        {"what": "site_ban", "duration": "", "reason": ""},
        {"what": "ban", "duration": "17y", "reason": ""},
        {"what": "ban", "duration": "1d", "reason": "x" * 301},
        {"what": "nonsense"},
        {},
    ):
        assert problems(send(owner, report, "handle", **fields)), fields
    assert state(report) == "open"
    assert not Sanction.objects.exists()


def test_a_refused_decision_is_shown_again(report, owner):
    page = text_of(send(owner, report, "handle", what="mute", duration="1d", reason="x" * 301))
    assert "<details open" in page
    assert "x" * 301 in page


def test_the_reporter_finds_no_page_about_the_report(report, carol):
    assert signed_in(carol).get(PATH).status_code == 404
