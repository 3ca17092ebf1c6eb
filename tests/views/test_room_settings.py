"""The settings of a room: what they offer to whom, what they change, and what they refuse."""

import re

import pytest

from chat.models import Membership, Room, User
from chat.room import alteration, creation, membership, moderation, targets
from tests.support.admin import signed_in
from tests.support.moderating import MINUTES, OPERATOR

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def garden(lobby, alice, bob):
    """An open room that alice owns, and in which bob is a member."""
    room = creation.create(alice, "Garden")
    membership.join(room.pk, bob)
    return room


@pytest.fixture
def owner(alice):
    return signed_in(alice)


@pytest.fixture
def member(bob):
    return signed_in(bob)


def url(room):
    return f"/r/{room.slug}/settings/"


def send(browser, room, action, **fields):
    return browser.post(url(room), {"action": action, **fields}, follow=True)


def page(browser, room):
    return browser.get(url(room)).content.decode()


def offered(browser, room):
    """Return the actions for which the page has buttons."""
    return set(re.findall(r'name="action" value="(\w+)"', page(browser, room)))


def row(room, user):
    return Membership.objects.get(room=room, user=user)


def alerts(response):
    html = response.content.decode().replace("&#x27;", "'")
    return re.findall(r'role="alert">([^<]+)<', html) + re.findall(r'_error">([^<]+)<', html)


# Offers of the page


def test_the_settings_and_the_menu_of_a_room_name_the_levels_alike(member, garden):
    menu = member.get(f"/r/{garden.slug}/").content.decode()
    assert re.search(r"<legend>Tell me about</legend>", menu)
    assert re.search(r"<legend>Tell me about</legend>", page(member, garden))
    for shown in (menu, page(member, garden)):
        levels = re.findall(r'<input type="radio" name="level"[^>]*>\s*([^<]+?)\s*<', shown)
        assert levels == ["All messages", "Mentions of me", "Nothing"]


OWNER = {"details", "access", "choices", "invite", "role", "archive"}


def test_only_what_one_may_do_is_offered(garden, owner, member):
    carol = signed_in(User.objects.create_user("carol"))
    assert offered(owner, garden) == OWNER | {"remove"}
    assert offered(member, garden) == {"choices", "invite", "leave"}
    assert offered(carol, garden) == {"join"}


def test_moderators_change_the_topic_and_remove_members(garden, alice, bob, member):
    membership.set_role(garden.pk, bob, "moderator", by=alice)
    membership.join(garden.pk, User.objects.create_user("carol"))
    assert offered(member, garden) == {"details", "choices", "invite", "remove", "leave"}
    html = page(member, garden)
    assert 'name="topic"' in html
    assert 'name="name"' not in html
    assert html.count('value="remove"') == 1, "owners and oneself cannot be removed"


def test_staff_change_open_rooms_and_never_see_private_ones(garden, bob, alice):
    warden = signed_in(User.objects.create_user("warden", is_staff=True))
    private = creation.create(alice, "Secret plans", private=True)
    assert offered(warden, garden) == OWNER - {"choices", "invite"} | {"remove", "join"}
    response = warden.get(url(private))
    assert (response.status_code, b"Secret" in response.content) == (404, False)


def test_an_archived_room_offers_to_be_reopened(garden, owner, alice):
    alteration.archive(garden.pk, by=alice)
    assert offered(owner, garden) == {"access", "choices", "role", "remove", "reopen"}


def test_the_lobby_offers_nothing_to_members(lobby, garden, alice, owner):
    assert offered(owner, lobby) == set()
    membership.join(lobby.pk, alice)
    assert offered(owner, lobby) == {"choices"}


def test_a_direct_room_can_only_be_hidden(lobby, alice, bob, member):
    room = creation.open_direct(alice, [bob])
    assert offered(member, room) == {"choices", "leave"}
    assert member.get(url(room)).context["title"] == "alice"
    send(member, room, "leave")
    assert row(room, bob).hidden


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("details", {"name": "Jungle", "topic": "Wild"}),
        ("access", {"access": "private"}),
        ("role", {"role": "moderator"}),
        ("remove", {}),
        ("archive", {}),
        ("reopen", {}),
    ],
)
def test_what_is_not_offered_is_refused_by_the_rule_below(garden, alice, member, action, fields):
    before = Room.objects.filter(pk=garden.pk).values().get()
    response = send(member, garden, action, member=row(garden, alice).pk, **fields)
    assert response.status_code == 200
    assert Room.objects.filter(pk=garden.pk).values().get() == before
    assert row(garden, alice).role == "owner"
    if action != "details":  # neither of its fields is there
        assert alerts(response) == ["You may not do this here."]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_settings_of_a_room_that_may_not_be_read_do_not_exist(garden, alice, member, method):
    private = creation.create(alice, "Secret plans", private=True)
    response = getattr(member, method)(url(private), {"action": "invite", "username": "bob"})
    assert response.status_code == 404
    assert b"Secret" not in response.content


def test_an_action_that_does_not_exist_is_not_found(garden, owner):
    assert send(owner, garden, "explode").status_code == 404


# Changes


def test_the_owner_changes_name_and_topic(garden, owner):
    html = page(owner, garden)
    assert 'value="Garden"' in html
    send(owner, garden, "details", name="Jungle", topic="Wild plants")
    garden.refresh_from_db()
    assert (garden.name, garden.topic, garden.slug) == ("Jungle", "Wild plants", "garden")


def test_a_name_that_is_taken_is_refused_beside_its_field(garden, owner, alice):
    creation.create(alice, "Jungle")
    response = send(owner, garden, "details", name="Jungle", topic="Wild plants")
    assert alerts(response) == ["This is the name of another open room, or looks too much like it."]
    garden.refresh_from_db()
    assert (garden.name, garden.topic) == ("Garden", ""), "a half of the change was kept"


@pytest.mark.parametrize(
    ("access", "kind", "guests"),
    [("private", "private", False), ("guests", "open", True), ("open", "open", False)],
)
def test_the_owner_decides_who_can_read(garden, owner, access, kind, guests):
    send(owner, garden, "access", access=access)
    garden.refresh_from_db()
    assert (garden.kind, garden.guests_allowed) == (kind, guests)


def test_staff_who_make_a_room_private_are_led_away_from_it(garden):
    warden = signed_in(User.objects.create_user("warden", is_staff=True))
    response = send(warden, garden, "access", access="private")
    assert response.redirect_chain == [("/rooms/", 302)]


def test_members_invite_by_name(garden, member):
    carol = User.objects.create_user("carol")
    response = send(member, garden, "invite", username="Carol")
    assert row(garden, carol).role == "member"
    assert "carol is a member now." in response.content.decode()


@pytest.mark.parametrize("name", ["nobody", "gone", ""])
def test_inviting_somebody_who_is_not_there_is_refused_beside_the_field(garden, owner, name):
    User.objects.create_user("gone", is_active=False)
    (sentence,) = alerts(send(owner, garden, "invite", username=name))
    assert name in sentence


def test_the_owner_gives_roles_and_removes_members(garden, owner, bob):
    send(owner, garden, "role", member=row(garden, bob).pk, role="moderator")
    assert row(garden, bob).role == "moderator"
    send(owner, garden, "remove", member=row(garden, bob).pk)
    assert not Membership.objects.filter(room=garden, user=bob).exists()


def test_the_only_owner_keeps_the_role_and_is_told_why(garden, owner, alice):
    response = send(owner, garden, "role", member=row(garden, alice).pk, role="member")
    assert alerts(response) == ["The room needs an owner. Make somebody else an owner first."]
    assert row(garden, alice).role == "owner"
    assert "You are the only owner." in response.content.decode()


def test_a_member_of_another_room_cannot_be_meant(garden, owner, alice, bob):
    other = creation.create(bob, "Attic")
    response = send(owner, garden, "remove", member=row(other, bob).pk)
    assert alerts(response) == ["This person is no member any more."]
    assert row(other, bob)


def test_leaving_leads_to_the_list_of_rooms(garden, member, bob):
    response = send(member, garden, "leave")
    assert response.redirect_chain == [("/rooms/", 302)]
    assert not Membership.objects.filter(room=garden, user=bob).exists()


def test_members_choose_what_they_are_told_of_and_their_favourites(garden, member, bob):
    assert 'value="all" required id="choices_level_0" checked' in page(member, garden)
    send(member, garden, "choices", level="mentions", favourite="on")
    assert (row(garden, bob).level, row(garden, bob).favourite) == ("mentions", True)
    assert alerts(send(member, garden, "choices", level="loud"))
    assert (row(garden, bob).level, row(garden, bob).favourite) == ("mentions", True)
    assert 'name="favourite" id="choices_favourite" checked' in page(member, garden)
    send(member, garden, "choices", level="mentions")
    assert not row(garden, bob).favourite


def test_archiving_and_reopening(garden, owner):
    for action, archived in (("archive", True), ("reopen", False)):
        send(owner, garden, action)
        garden.refresh_from_db()
        assert garden.archived is archived


# Many members


@pytest.fixture
def crowd(garden):
    users = User.objects.bulk_create(
        User(username=f"guest-{number:03}", key=f"guest-{number:03}") for number in range(120)
    )
    for user in users[:110]:
        membership.join(garden.pk, user)
    return garden


def names(response):
    return [listed.row.user.username for listed in response.context["members"]]


def test_many_members_have_pages_and_can_be_searched(crowd, owner):
    first = names(owner.get(url(crowd)))
    assert (len(first), first[0]) == (50, "alice"), "owners come first"
    assert names(owner.get(f"{url(crowd)}?page=3"))[-1] == "guest-109"
    assert names(owner.get(f"{url(crowd)}?q=GUEST-10"))[0] == "guest-100"


def test_many_members_take_as_many_statements_as_few(crowd, owner, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        owner.get(url(crowd))


@pytest.mark.parametrize(
    ("action", "fields"),
    [("details", {"name": "Garden", "topic": "Weeds"}), ("invite", {"username": "alice"})],
)
def test_a_muted_owner_is_told_so_and_changes_nothing(owner, garden, alice, action, fields):
    moderation.mute(OPERATOR, targets.of_account(alice), None, MINUTES, "too loud")
    (alert,) = alerts(send(owner, garden, action, **fields))
    assert re.fullmatch(r"You are muted until .+ UTC on .+: too loud", alert)
    garden.refresh_from_db()
    assert garden.topic == ""
