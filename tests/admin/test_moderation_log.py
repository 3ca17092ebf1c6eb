"""The log of moderation in the admin site: who sees what, and how it is searched."""

import pytest
from django.utils import timezone

from chat.models import ModerationEntry
from chat.room import creation, moderation_log, targets
from chat.room.moderation_log import Action, Door, Moderator
from tests.support.admin import create_staff, listed, signed_in

PAGE = "/admin/chat/moderationentry/"


@pytest.fixture
def happenings(lobby, root, alice, bob):
    """Three entries: a mute by root, a ban of a network by bob, and a mute by the operator."""
    garden = creation.create(alice, "Garden")
    ModerationEntry.objects.all().delete()
    moderation_log.record(
        Moderator(root, Door.PAGE, "192.0.2.1"),
        Action.MUTE,
        targets.of_account(alice),
        garden,
        until=timezone.now(),
        reason="noise and spam",
    )
    moderation_log.record(
        Moderator(bob, Door.TEXT, "192.0.2.2"), Action.BAN, targets.find("address:203.0.113.7")
    )
    moderation_log.record(Moderator(None, Door.COMMAND), Action.MUTE, targets.find("Еve"))
    return garden


def shown(client, query=""):
    """Return the actions and names of the entries on a page of the list."""
    return [(row.action, row.by) for row in listed(client.get(f"{PAGE}?{query}"))]


MUTE, BAN, BY_OPERATOR = ("mute", "root"), ("ban", "bob"), ("mute", "")


def test_the_log_of_moderation_begins_with_the_newest_entry(root_client, happenings):
    response = root_client.get(PAGE)
    assert [(row.action, row.by) for row in listed(response)] == [BY_OPERATOR, BAN, MUTE]
    page = response.content.decode()
    for text in ("the operator", "noise and spam", "203.0.113.7", "Garden", "Command line"):
        assert text in page


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=alice", [MUTE]),
        ("q=eve", [BY_OPERATOR]),
        ("q=SPAM", [MUTE]),
        ("q=spam+alice", [MUTE]),
        ("q=spam+bob", []),
        ("q=203.0.113.7", [BAN]),
        ("q=192.0.2.2", [BAN]),
        ("q=network:203.0.113.7", [BAN]),
        ("q=address:::ffff:192.0.2.2", [BAN]),
        ("q=root", [MUTE]),
        ("action__exact=ban", [BAN]),
        ("door__exact=text", [BAN]),
        ("by=root", [MUTE]),
        ("person=eve", [BY_OPERATOR]),
        ("when=today", [BY_OPERATOR, BAN, MUTE]),
        ("when=yesterday", []),
    ],
)
def test_entries_are_found_by_person_moderator_reason_address_and_time(
    root_client, happenings, query, found
):
    assert shown(root_client, query) == found


def test_entries_are_filtered_by_room(root_client, happenings):
    assert shown(root_client, f"room={happenings.pk}") == [MUTE]


def test_moderators_without_the_permission_see_no_address(happenings):
    may = signed_in(create_staff("moderate", "view_addresses", name="detective"))
    may_not = signed_in(create_staff("moderate"))
    ban = ModerationEntry.objects.get(action="ban")
    for page in (PAGE, f"{PAGE}{ban.pk}/change/", f"{PAGE}?q=ban"):
        assert "203.0.113.7" not in may_not.get(page).content.decode()
        assert "192.0.2.2" not in may_not.get(page).content.decode()
    page = may.get(f"{PAGE}{ban.pk}/change/").content.decode()
    assert "203.0.113.7" in page
    assert "192.0.2.2" in page
    for query in ("q=203.0.113.7", "q=192.0.2.2", "q=113"):
        assert shown(may_not, query) == []
    assert "a network" in may_not.get(PAGE).content.decode()


def test_staff_need_a_permission_to_read_the_log_of_moderation(happenings):
    assert signed_in(create_staff()).get(PAGE).status_code == 403
    for number, permission in enumerate(("moderate", "view_moderationentry")):
        client = signed_in(create_staff(permission, name=f"warden{number}"))
        assert len(shown(client)) == 3


def test_entries_about_private_rooms_are_for_superusers(root_client, lobby, alice):
    cellar = creation.create(alice, "Cellar", private=True)
    ModerationEntry.objects.all().delete()
    moderation_log.record(Moderator(alice, Door.PAGE), Action.LOCK, room=cellar)
    assert shown(root_client) == [("lock", "alice")]
    assert shown(signed_in(create_staff("moderate"))) == []


def test_nobody_learns_in_the_log_that_they_were_reported(root_client, lobby, root, alice):
    by_alice = Moderator(alice, Door.PAGE)
    moderation_log.record(by_alice, Action.REPORT, targets.of_account(root))
    moderation_log.record(by_alice, Action.REPORT, targets.find("Eve"))
    assert [row.target for row in listed(root_client.get(PAGE))] == ["Eve"]
    other = signed_in(create_staff("moderate"))
    assert [row.target for row in listed(other.get(PAGE))] == ["Eve", "root"]


def test_nobody_changes_or_deletes_entries(root_client, happenings):
    page = f"{PAGE}{ModerationEntry.objects.earliest('pk').pk}"
    assert root_client.get(f"{page}/change/").status_code == 200
    assert root_client.post(f"{page}/change/", {"reason": "x"}).status_code == 403
    assert root_client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert root_client.get(f"{PAGE}add/").status_code == 403
    form = {"action": "delete_selected", "_selected_action": [1], "post": "yes"}
    root_client.post(PAGE, form)
    assert ModerationEntry.objects.count() == 3
