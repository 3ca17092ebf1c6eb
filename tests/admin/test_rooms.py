"""The list of rooms and the page of one: what staff change there, always by way of the log."""

import re
from threading import Event

import pytest
from django.db import transaction

from chat.models import Membership, Room, SecurityEvent, User
from chat.room import creation, log, membership, moderation, targets
from tests.support.admin import (
    create_staff,
    listed,
    offered_actions,
    run_action,
    save_room,
    shown_messages,
    signed_in,
)
from tests.support.events import new_events
from tests.support.log import say
from tests.support.moderating import MINUTES, OPERATOR
from tests.support.presence import enter, events
from tests.support.threads import is_awaited, together
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture
def garden(lobby, alice, bob):
    """An open room that alice owns, and in which bob is a member."""
    room = creation.create(alice, "Garden")
    membership.join(room.pk, bob)
    return room


def page(room):
    return f"/admin/chat/room/{room.pk}/change/"


def member_row(room, user, **fields):
    found = Membership.objects.get(room=room, user=user)
    return {"id": found.pk, "room": room.pk, "role": found.role} | fields


def test_a_room_can_be_renamed_while_people_talk(root_client, lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    save_room(root_client, lobby, name="Salon", last_seq=0)
    say(lobby, stay, "still here")
    room = Room.objects.get()
    assert (room.name, room.last_seq) == ("Salon", 4)
    assert events(lobby)[2] == ("renamed", "root")


def test_changes_are_lines_of_the_log_and_security_events(root_client, garden, announced):
    save_room(root_client, garden, name="Jungle", topic="Wild", access="guests")
    lines = log.after(garden.pk, 2, 10)
    said = [(line.kind, line.name, line.text) for line in lines]
    assert said == [
        ("renamed", "root", "Jungle"),
        ("topic", "root", "Wild"),
        ("access", "root", "guests"),
    ]
    assert set(announced) == {garden.pk}
    ((kind, _, by, detail),) = new_events()
    assert (kind, by) == ("staff_action", "root")
    assert detail == "changed room “Jungle”: name, topic, access"


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_change_locks_the_lobby_before_the_room_as_invitations_do(root_client, lobby, garden):
    begun = Event()

    def invite():
        with transaction.atomic():
            log.lock_lobby()
            begun.set()
            wait_until(is_awaited, "the change does not wait for the lobby")
            log.lock(garden.pk)

    def change():
        assert begun.wait(PATIENCE)
        save_room(root_client, garden, name="Jungle", access="guests")

    together(invite, change)  # a deadlock would end one of both
    garden.refresh_from_db()
    assert (garden.name, garden.guests_allowed) == ("Jungle", True)


def test_a_refused_change_is_taken_back_as_a_whole(root_client, garden, alice):
    creation.create(alice, "Jungle")
    response = save_room(root_client, garden, name="Jungle", topic="Wild")
    assert shown_messages(response) == [
        "This is the name of another open room, or looks too much like it."
    ]
    garden.refresh_from_db()
    assert (garden.name, garden.topic) == ("Garden", "")


def test_roles_and_removals_are_made_by_the_rules_of_rooms(root_client, garden, alice, bob):
    save_room(root_client, garden, [member_row(garden, bob, role="moderator")])
    assert Membership.objects.get(room=garden, user=bob).role == "moderator"
    (_, _, _, detail) = new_events()[-1]
    assert detail == "changed members of room “Garden”: bob: moderator"
    save_room(root_client, garden, [member_row(garden, bob, DELETE="on")])
    assert not Membership.objects.filter(room=garden, user=bob).exists()
    assert events(garden)[2:] == [("role", "bob"), ("parted", "bob")]
    response = save_room(root_client, garden, [member_row(garden, alice, role="member")])
    assert Membership.objects.get(room=garden).role == "member", "nobody else is there"
    assert response.status_code == 200


def test_the_last_owner_among_members_keeps_the_role(root_client, garden, alice):
    response = save_room(root_client, garden, [member_row(garden, alice, role="member")])
    assert "needs an owner" in shown_messages(response)[0]
    assert Membership.objects.get(room=garden, user=alice).role == "owner"


def test_an_owner_is_removed_when_somebody_else_becomes_one(root_client, garden, alice, bob):
    removed = member_row(garden, alice, DELETE="on")
    response = save_room(root_client, garden, [removed])
    assert "owner" in "".join(shown_messages(response))
    save_room(root_client, garden, [removed, member_row(garden, bob, role="owner")])
    (left,) = Membership.objects.filter(room=garden)
    assert (left.user, left.role) == (bob, "owner")


def test_a_room_can_be_neither_added_nor_deleted(root_client, lobby):
    delete_page = f"/admin/chat/room/{lobby.pk}/delete/"
    assert root_client.get("/admin/chat/room/add/").status_code == 403
    assert root_client.post(delete_page, {"post": "yes"}).status_code == 403
    assert offered_actions(root_client.get("/admin/chat/room/")) == ["archive", "reopen"]
    assert Room.objects.exists()


def test_rooms_are_archived_and_reopened_except_the_lobby(root_client, lobby, garden):
    shown = shown_messages(run_action(root_client, "room", "archive", lobby, garden))
    assert shown == ["Lobby: You may not do this here.", "Archived: 1 room."]
    garden.refresh_from_db()
    assert garden.archived
    assert new_events()[-1][3] == "archived room “Garden”"
    run_action(root_client, "room", "reopen", garden)
    assert events(garden)[2:] == [("archived", "root"), ("reopened", "root")]


def test_private_and_direct_rooms_are_shown_to_superusers_who_change_nothing(
    root_client, lobby, alice, bob
):
    for room in (
        creation.create(alice, "Cellar", private=True),
        creation.open_direct(alice, [bob]),
    ):
        html = root_client.get(page(room)).content.decode()
        assert "alice" in html
        assert 'name="_save"' not in html
        assert save_room(root_client, room, name="Attic").status_code == 403
        run_action(root_client, "room", "archive", room)
        assert not Room.objects.get(pk=room.pk).archived


def test_the_lobby_stays_open_for_guests(root_client, lobby):
    assert 'name="access"' not in root_client.get(page(lobby)).content.decode()
    save_room(root_client, lobby, access="private")
    assert Room.objects.get().kind == "open"


def test_staff_who_may_only_view_change_nothing(garden, bob):
    client = signed_in(create_staff("view_room"))
    assert 'name="_save"' not in client.get(page(garden)).content.decode()
    assert save_room(client, garden, [member_row(garden, bob, role="owner")]).status_code == 403
    assert offered_actions(client.get("/admin/chat/room/")) == []


def test_rooms_are_filtered_and_found_by_name_topic_and_address(root_client, garden, alice):
    creation.create(alice, "Cellar", private=True, topic="Roots")
    for query, found in (
        ("kind__exact=private", ["Cellar"]),
        ("archived__exact=1", []),
        ("q=GARD", ["Garden"]),
        ("q=roots", ["Cellar"]),
        ("q=lobby", ["Lobby"]),
    ):
        rooms = listed(root_client.get(f"/admin/chat/room/?{query}"))
        assert [room.name for room in rooms] == found, query


def test_the_list_of_rooms_shows_the_number_of_members(root_client, garden):
    page = root_client.get("/admin/chat/room/").content.decode()
    assert f'<a href="/admin/chat/membership/?room={garden.pk}"><bdi>2</bdi></a>' in page


def test_the_page_of_a_room_shows_its_first_hundred_members_in_a_few_statements(
    root_client, garden, django_assert_max_num_queries
):
    names = [f"guest-{number:03}" for number in range(120)]
    users = User.objects.bulk_create(User(username=name, key=name) for name in names)
    for user in users:
        membership.add(garden, user, "member")
    with django_assert_max_num_queries(15):
        html = root_client.get(page(garden)).content.decode()
    assert len(set(re.findall(r"guest-\d{3}", html))) == 98
    assert html.index("alice") < html.index("bob") < html.index("guest-000")


def test_a_list_of_many_rooms_takes_as_many_statements_as_one_of_few(
    root_client, lobby, alice, django_assert_max_num_queries
):
    for number in range(30):
        creation.create(alice, f"Room {number}")
    with django_assert_max_num_queries(12):
        assert len(listed(root_client.get("/admin/chat/room/"))) == 31
    assert not SecurityEvent.objects.exists(), "open rooms are no secret"


def test_muted_staff_are_told_so_and_change_nothing(garden):
    warden = create_staff("view_room", "change_room")
    moderation.mute(OPERATOR, targets.of_account(warden), None, MINUTES, "too loud")
    (shown,) = shown_messages(save_room(signed_in(warden), garden, topic="Weeds"))
    assert re.fullmatch(r"You are muted until .+ UTC on .+: too loud", shown)
    garden.refresh_from_db()
    assert garden.topic == ""
