"""The log of moderation on the page for moderators, and what people see of it about themselves."""

import pytest
from django.contrib.auth.models import Permission

from chat.models import ModerationEntry, Room
from chat.room import creation, membership, moderation_log, targets
from chat.room.moderation_log import Action, Door, Moderator
from chat.views.moderation import log
from tests.support.admin import signed_in
from tests.support.pages import problems, text_of

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/moderation/log/"


def record(by, action, person=None, room=None, **more):
    """Record what somebody has done, from an address."""
    moderator = Moderator(by, Door.PAGE, "203.0.113.7")
    target = moderation_log.NOBODY if person is None else targets.find(person)
    return moderation_log.record(moderator, action, target, room, **more)


def found(browser, query=""):
    return [entry.pk for entry in browser.get(f"{PATH}{query}").context["entries"]]


@pytest.fixture
def cellar(carol):
    """A private room of carol."""
    return creation.create(carol, "Cellar", private=True)


def test_moderators_see_the_entries_of_their_rooms_newest_first(
    garden, cellar, alice, carol, warden, owner, staff
):
    here = record(alice, Action.MUTE, "bob", garden)
    private = record(carol, Action.MUTE, "bob", cellar)
    everywhere = record(warden, Action.BAN, "bob")
    assert found(owner) == [here.pk]
    assert found(staff) == [everywhere.pk, here.pk]
    assert found(signed_in(carol)) == [private.pk]


def test_entries_are_found_by_name_room_and_action(garden, lobby, alice, warden, staff):
    muted = record(alice, Action.MUTE, "bob", garden)
    locked = record(alice, Action.LOCK, room=lobby)
    banned = record(warden, Action.BAN, "carol")
    guest = record(warden, Action.BAN, "Eve the guest")
    assert found(staff, "?name=B0B") == [muted.pk]
    assert found(staff, "?name=alice") == [locked.pk, muted.pk]
    assert found(staff, "?name=eve+the+guest") == [guest.pk]
    assert found(staff, "?room=%23garden") == [muted.pk]
    assert found(staff, "?action=ban") == [guest.pk, banned.pk]
    assert found(staff, "?action=ban&name=carol&room=") == [banned.pk]


def test_a_log_without_entries_differs_from_a_search_that_finds_none(garden, staff):
    assert "There are no entries yet." in text_of(staff.get(PATH))
    assert "Nothing was found." in text_of(staff.get(f"{PATH}?name=bob"))


@pytest.mark.parametrize("query", ["?room=nowhere", "?action=nonsense", "?name=" + "x" * 2000])
def test_filters_that_make_no_sense_are_explained(garden, alice, staff, query):
    record(alice, Action.MUTE, "bob", garden)
    page = staff.get(f"{PATH}{query}")
    assert page.context["entries"] == []
    assert problems(page)


@pytest.mark.parametrize("query", ["?before=x", "?before=", f"?before={'9' * 30}", "?name=%00"])
def test_odd_queries_are_no_errors(garden, staff, query):
    assert staff.get(f"{PATH}{query}").status_code == 200


def test_long_logs_have_pages_that_keep_the_filter(garden, alice, owner, monkeypatch):
    monkeypatch.setattr(log, "PER_PAGE", 2)
    entries = [record(alice, Action.MUTE, "bob", garden).pk for _ in range(5)][::-1]
    record(alice, Action.LOCK, room=garden)
    assert found(owner, "?action=mute") == entries[:2]
    page = text_of(owner.get(f"{PATH}?action=mute"))
    assert f'href="?action=mute&amp;before={entries[1]}"' in page
    assert found(owner, f"?action=mute&before={entries[1]}") == entries[2:4]
    assert found(owner, f"?action=mute&before={entries[3]}") == entries[4:]


def test_addresses_are_shown_to_those_who_may_see_them(garden, alice, warden, staff):
    record(alice, Action.BAN, "address:198.51.100.9")
    page = text_of(staff.get(PATH))
    assert "198.51.100.9" not in page
    assert "203.0.113.7" not in page
    assert "a network" in page
    warden.user_permissions.add(Permission.objects.get(codename="view_addresses"))
    page = text_of(staff.get(PATH))
    assert "198.51.100.9" in page
    assert "203.0.113.7" in page


def test_nobody_finds_out_there_that_they_were_reported(garden, alice, bob, carol):
    membership.set_role(garden.pk, bob, "moderator", alice)
    ModerationEntry.objects.all().delete()
    record(carol, Action.REPORT, "bob", garden)
    record(alice, Action.DISMISS, "bob", garden)
    assert found(signed_in(bob)) == []
    assert len(found(signed_in(alice))) == 2


def test_people_see_what_was_done_to_them_without_addresses(garden, lobby, alice, bob, carol):
    record(alice, Action.MUTE, "bob", garden, reason="spam & more")
    record(carol, Action.REPORT, "bob", garden, reason="a secret")
    record(alice, Action.KICK, "carol", garden, reason="not about bob")
    page = text_of(signed_in(bob).get("/accounts/"))
    assert "Mute" in page
    assert "spam &amp; more" in page
    assert "by <bdi>alice</bdi>" in page
    for hidden in ("a secret", "not about bob", "203.0.113.7"):
        assert hidden not in page
    assert "What moderators did" not in text_of(signed_in(alice).get("/accounts/"))


def test_entries_of_rooms_that_are_gone_stay_for_the_moderators_of_the_site(
    garden, alice, owner, staff
):
    entry = record(alice, Action.MUTE, "bob", garden)
    ModerationEntry.objects.filter(pk=entry.pk).update(room_id=10**6)
    assert not Room.objects.filter(pk=10**6).exists()
    assert found(staff) == [entry.pk]
    assert found(owner) == []
