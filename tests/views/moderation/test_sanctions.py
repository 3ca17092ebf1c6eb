"""The page with the sanctions that hold."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Sanction, User
from chat.room import creation, moderation, seen_addresses, targets
from chat.room import sanctions as rules
from chat.room.moderation_log import Door, Moderator
from chat.room.seen_addresses import Sighting
from chat.views.moderation import sanctions
from tests.support.admin import shown_messages, signed_in
from tests.support.pages import headings, problems, text_of

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/moderation/sanctions/"


def add(browser, **fields):
    defaults = {"kind": "mute", "room": "", "duration": "", "reason": ""}
    return browser.post(PATH, {"action": "add", **defaults, **fields}, follow=True)


@pytest.fixture
def admin(warden):
    """The browser of an administrator, who sees addresses."""
    warden.is_superuser = True
    warden.save()
    return signed_in(warden)


def test_those_that_hold_are_listed_for_those_who_moderate_there(
    garden, carol, alice, warden, owner, staff
):
    private = creation.create(carol, "Cellar", private=True)
    page, site = Moderator(alice, Door.PAGE), Moderator(warden, Door.PAGE)
    moderation.mute(Moderator(carol, Door.PAGE), targets.find("bob"), private.pk)
    moderation.mute(page, targets.find("bob"), garden.pk, timedelta(hours=1), "loud & rude")
    moderation.ban(site, targets.find("carol"), None, None, "spam")
    moderation.lift(site, moderation.mute(site, targets.find("Eve")).pk)
    assert headings(owner.get(PATH)) == ["bob"]
    assert headings(staff.get(PATH)) == ["carol", "bob"]
    assert "loud &amp; rude" in text_of(owner.get(PATH))


def test_networks_are_listed_for_those_who_see_addresses(lobby, warden, staff, admin):
    moderation.ban(Moderator(warden, Door.PAGE), targets.find("address:198.51.100.9"))
    assert headings(admin.get(PATH)) == ["address:198.51.100.9"]
    warden.is_superuser = False
    warden.save()
    assert headings(staff.get(PATH)) == []
    warden.user_permissions.add(Permission.objects.get(codename="view_addresses"))
    assert headings(staff.get(PATH)) == ["address:198.51.100.9"]


def test_a_network_is_banned_by_those_who_see_addresses(lobby, warden, staff):
    assert problems(add(staff, target="address:198.51.100.9", kind="ban"))
    warden.user_permissions.add(Permission.objects.get(codename="view_addresses"))
    page = add(staff, target="address:198.51.100.9", kind="ban")
    assert shown_messages(page) == ["It holds from now on."]
    assert Sanction.objects.get().network == "198.51.100.9/32"


def test_the_addresses_of_a_person_are_shown_to_those_who_may_see_them(lobby, staff, warden):
    now = timezone.now()
    seen_addresses.store([Sighting("Eve", None, "198.51.100.9", now)])
    assert "198.51.100.9" not in text_of(staff.get(f"{PATH}?q=eve"))
    warden.user_permissions.add(Permission.objects.get(codename="view_addresses"))
    assert "address:198.51.100.9" in text_of(staff.get(f"{PATH}?q=eve"))
    assert "Eve" in text_of(staff.get(f"{PATH}?q=address:198.51.100.9"))
    for other in ("", "bob", "network:x", "x" * 90):
        assert "198.51.100.9" not in text_of(staff.get(f"{PATH}?q={other}"))


@pytest.mark.parametrize(
    "query",
    [
        "address:2001:0DB8:0000:0000::7",
        "address:2001:db8::1:2:3:4",
        "network:2001:0db8::/64",
        "network:2001:db8::7",
    ],
)
def test_addresses_and_networks_are_found_in_any_form(lobby, warden, admin, query):
    seen_addresses.store([Sighting("Eve", None, "2001:db8::7", timezone.now())])
    page = Moderator(warden, Door.PAGE)
    for target in ("network:2001:db8::/48", "address:2001:DB8:0::1", "address:2001:db8:0:1::1"):
        moderation.ban(page, targets.find(target))
    found = ["address:2001:DB8:0::1", "network:2001:db8::/48"]
    assert headings(admin.get(f"{PATH}?q={query}")) == found
    assert "as <bdi>Eve</bdi>" in text_of(admin.get(f"{PATH}?q={query}"))
    assert headings(admin.get(f"{PATH}?q=2001:DB8:0000::7")) == found


def test_a_search_for_a_network_lists_what_is_within_it(lobby, warden, staff, admin):
    for target in ("address:10.1.2.3", "network:10.8.0.0/16", "address:11.0.0.1", "10.1.2.3"):
        moderation.ban(Moderator(warden, Door.PAGE), targets.find(target))
    found = headings(admin.get(f"{PATH}?q=10.0.0.0/8"))
    assert found == ["network:10.8.0.0/16", "address:10.1.2.3"]
    assert headings(admin.get(f"{PATH}?q=network:10.8.0.0/13")) == ["network:10.8.0.0/16"]
    assert "an address or a network" in text_of(admin.get(PATH))
    warden.is_superuser = False
    warden.save()
    assert headings(staff.get(f"{PATH}?q=10.0.0.0/8")) == []
    assert "an address or a network" not in text_of(staff.get(f"{PATH}?q=bob"))


def test_what_has_ended_or_is_older_takes_no_place_of_what_holds(lobby, warden, admin, monkeypatch):
    monkeypatch.setattr(rules, "MAX_WITHIN", 2)
    page = Moderator(warden, Door.PAGE)
    for number in range(6):
        banned = moderation.ban(page, targets.find(f"network:2001:db8:{number + 1}::/48"))
        if number != 2 and number != 3:
            moderation.lift(page, banned.pk)
    found = ["network:2001:db8:4::/48", "network:2001:db8:3::/48"]
    assert headings(admin.get(f"{PATH}?q=2001:db8::/31")) == found
    for name in ("9", "8"):
        moderation.ban(page, targets.find(f"network:2001:db8:{name}::/48"))
    found = ["network:2001:db8:8::/48", "network:2001:db8:9::/48"]
    assert headings(admin.get(f"{PATH}?q=2001:db8::/31")) == found


def test_they_are_found_by_name(garden, alice, owner, monkeypatch):
    for name in ("bob", "carol", "Eve the guest"):
        moderation.mute(Moderator(alice, Door.PAGE), targets.find(name), garden.pk)
    assert headings(owner.get(f"{PATH}?q=B0B")) == ["bob"]
    assert headings(owner.get(f"{PATH}?q=eve+the+guest")) == ["Eve the guest"]
    monkeypatch.setattr(sanctions, "PER_PAGE", 2)
    assert len(headings(owner.get(PATH))) == 2
    assert len(headings(owner.get(f"{PATH}?page=2"))) == 1


def test_one_is_lifted(garden, alice, bob, owner):
    sanction = moderation.mute(Moderator(alice, Door.PAGE), targets.find("bob"), garden.pk)
    fields = {"action": "lift", "entry": sanction.pk}
    assert shown_messages(owner.post(PATH, fields, follow=True)) == ["It is lifted."]
    assert headings(owner.get(PATH)) == []
    assert problems(owner.post(PATH, fields)) == ["Somebody has decided about it already."]


def test_nobody_lifts_what_is_not_theirs_to_decide(garden, warden, carol, owner):
    sanction = moderation.ban(Moderator(warden, Door.PAGE), targets.find("carol"))
    assert problems(owner.post(PATH, {"action": "lift", "entry": sanction.pk}))
    assert Sanction.objects.get().lifted is None


def test_one_is_added_also_for_somebody_who_is_not_here(garden, owner, bob):
    page = add(owner, target="B0B", kind="kick", room="#garden", duration="1h", reason="loud")
    assert shown_messages(page) == ["It holds from now on."]
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.user, sanction.room) == ("kick", bob, garden)
    assert (sanction.until - sanction.since, sanction.reason) == (timedelta(hours=1), "loud")
    add(owner, target="Eve", kind="ban", room="Garden")
    assert Sanction.objects.latest("pk").key == "eve"


@pytest.mark.parametrize(
    "fields",
    [
        {"target": "bob"},  # on the site, which alice does not moderate
        {"target": "alice", "room": "Garden"},
        {"target": "", "room": "Garden"},
        {"target": "network:10.0.0.0/2", "room": "Garden"},
        {"target": "bob", "room": "nowhere"},
        {"target": "bob", "room": "Garden and more"},
        {"target": "bob", "room": "Garden", "kind": "burn"},
        {"target": "bob", "room": "Garden", "duration": "1y"},
        {"target": "a\0b", "room": "Garden"},
        {"target": "x" * 5000, "room": "Garden"},
    ],
)
def test_what_cannot_be_added_is_explained_beside_the_form(garden, owner, fields):
    page = add(owner, **fields)
    assert len(problems(page)) == 1
    assert '<details class="addition" open' in text_of(page)
    assert not Sanction.objects.exists()


def test_what_a_higher_rank_has_imposed_is_not_lifted_on_the_page(garden, warden, owner, staff):
    sanction = moderation.mute(Moderator(warden, Door.PAGE), targets.find("bob"), garden.pk)
    fields = {"action": "lift", "entry": sanction.pk}
    (problem,) = problems(owner.post(PATH, fields))
    assert "somebody of a higher rank has decided it" in problem
    assert problems(add(owner, target="bob", room="Garden", duration="1m"))
    assert Sanction.objects.get().lifted is None
    assert shown_messages(staff.post(PATH, fields, follow=True)) == ["It is lifted."]


def offered_to_lift(browser):
    """Return the names of those whose sanctions have a button that lifts them."""
    return re.findall(r"Lift<span[^>]*> the \w+ of ([^<]+)<", text_of(browser.get(PATH)))


def test_lift_is_offered_only_to_those_who_may_lift(garden, alice, warden, owner, staff, admin):
    page, site = Moderator(alice, Door.PAGE), Moderator(warden, Door.PAGE)
    moderation.mute(page, targets.find("Eve"), garden.pk)
    for name in ("alice", "bob"):
        moderation.mute(site, targets.find(name), garden.pk)
    moderation.ban(site, targets.find("address:198.51.100.9"))
    assert headings(owner.get(PATH)) == ["bob", "alice", "Eve"]
    assert offered_to_lift(owner) == ["Eve"]
    assert offered_to_lift(admin) == ["address:198.51.100.9", "bob", "alice", "Eve"]
    warden.is_superuser = False
    warden.save()
    assert offered_to_lift(staff) == ["bob", "alice", "Eve"]


def test_a_longer_list_needs_no_more_statements(garden, alice, staff, django_assert_num_queries):
    def mute_somebody(number):
        User.objects.create_user(f"person{number}")
        target = targets.find(f"person{number}")
        moderation.mute(Moderator(alice, Door.PAGE), target, garden.pk)

    mute_somebody(0)
    with CaptureQueriesContext(connection) as first:
        assert len(offered_to_lift(staff)) == 1
    for number in range(1, 4):
        mute_somebody(number)
    with django_assert_num_queries(len(first)):
        assert len(offered_to_lift(staff)) == 4
