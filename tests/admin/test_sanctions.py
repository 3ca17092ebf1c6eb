"""Sanctions in the admin site: staff add and lift them by the rules of `chat.room`."""

from datetime import timedelta

import pytest

from chat.models import Presence, Sanction
from chat.room import creation, moderation, targets
from chat.room.moderation_log import Door, Moderator
from tests.support.admin import create_staff, listed, run_action, shown_messages, signed_in
from tests.support.moderation_entries import entries, new_entries
from tests.support.presence import enter

PAGE = "/admin/chat/sanction/"


def add(client, kind, target, **fields):
    """Add a sanction; return the page that follows."""
    form = {"kind": kind, "target": target, "room_address": "", "duration": "", "reason": ""}
    return client.post(f"{PAGE}add/", form | fields, follow=True)


def errors(response):
    return response.context["adminform"].form.errors


@pytest.fixture
def warden(transactional_db):
    return signed_in(create_staff("moderate"))


def test_staff_mute_kick_and_ban_by_way_of_the_rules(root_client, lobby, alice, bob, process):
    enter(lobby, alice, process=process)
    add(root_client, "ban", "alice", duration="2h", reason="spam")
    assert not Presence.objects.exists()
    garden = creation.create(bob, "Garden")
    add(root_client, "mute", "Eve", room_address="#garden", reason="noise")
    add(root_client, "kick", "eve")
    fields = ("kind", "name", "room", "reason", "by")
    assert list(Sanction.objects.order_by("pk").values_list(*fields)) == [
        ("ban", "alice", None, "spam", "root"),
        ("mute", "Eve", garden.pk, "noise", "root"),
        ("kick", "eve", None, "", "root"),
    ]
    ban, mute, kick = Sanction.objects.order_by("pk")
    assert ban.until - ban.since == timedelta(hours=2)
    assert mute.until is None
    assert kick.until - kick.since == timedelta(minutes=10)
    doors = [entry for entry in entries("action", "by", "target", "door") if entry[3] == "admin"]
    assert doors == [
        ("ban", "root", "alice", "admin"),
        ("mute", "root", "Eve", "admin"),
        ("kick", "root", "eve", "admin"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("target", "address:somewhere", "A target is a name"),
        ("target", "network:0.0.0.0/0", "A target is a name"),
        ("duration", "soon", "A duration looks like"),
        ("room_address", "nowhere", "There is no such room."),
        ("reason", "x" * 301, "at most 300 characters"),
    ],
)
def test_what_cannot_be_meant_is_explained(root_client, lobby, field, value, sentence):
    response = add(root_client, **{"kind": "mute", "target": "eve", field: value})
    assert sentence in str(errors(response)[field])
    assert not Sanction.objects.exists()


def test_a_higher_rank_is_protected_in_the_admin_too(warden, lobby, root, alice):
    response = add(warden, "ban", "root")
    assert shown_messages(response)[0].startswith("This is not allowed: the person has the same")
    assert not Sanction.objects.exists()
    add(warden, "ban", "alice")
    assert Sanction.objects.get().name == "alice"


def test_networks_need_the_permission_to_see_addresses(warden, lobby):
    response = add(warden, "ban", "address:203.0.113.7")
    assert shown_messages(response)[0].startswith("This is not allowed")
    detective = signed_in(create_staff("moderate", "view_addresses", name="detective"))
    response = add(detective, "ban", "address:203.0.113.7")
    assert Sanction.objects.get().network == "203.0.113.7/32"
    assert "203.0.113.7" not in shown_messages(response)[0]
    assert len(listed(detective.get(PAGE))) == 1
    queries = ["203.0.113.7", "address:::FFFF:203.0.113.7", "network:203.0.113.7/32"]
    for query in [*queries, "203.0.113.0/24", "network:203.0.0.0/8", "202.0.0.0/7"]:
        assert len(listed(detective.get(f"{PAGE}?q={query}"))) == 1
    for query in ("203.0.113.8", "204.0.0.0/8", "2001:db8::/32"):
        assert listed(detective.get(f"{PAGE}?q={query}")) == []
    assert listed(warden.get(PAGE)) == []


def test_sanctions_are_lifted_once(root_client, lobby, alice):
    add(root_client, "mute", "alice")
    new_entries()
    sanction = Sanction.objects.get()
    response = run_action(root_client, "sanction", "lift", sanction)
    assert shown_messages(response) == ["Lifted: 1 sanction."]
    assert Sanction.objects.get().lifted_by == "root"
    assert new_entries() == [("unmute", "root", "alice", "admin")]
    response = run_action(root_client, "sanction", "lift", sanction)
    assert shown_messages(response)[0] == ("mute of alice: Somebody has decided about it already.")


def test_sanctions_are_found_by_state_name_and_reason(root_client, lobby, root, alice, bob):
    add(root_client, "mute", "alice", reason="spam")
    add(root_client, "mute", "Eve")
    lifted = Sanction.objects.get(name="Eve")
    moderation.lift(Moderator(root, Door.PAGE), lifted.pk)

    def found(query):
        return [row.name for row in listed(root_client.get(f"{PAGE}?{query}"))]

    assert found("") == ["Eve", "alice"]
    assert found("state=holds") == ["alice"]
    assert found("state=ended") == ["Eve"]
    assert found("q=еve") == ["Eve"]
    assert found("q=spam") == ["alice"]
    assert found("kind__exact=ban") == []


def test_sanctions_are_neither_edited_nor_deleted(root_client, lobby, alice):
    add(root_client, "mute", "alice", reason="noise")
    page = f"{PAGE}{Sanction.objects.get().pk}"
    assert "noise" in root_client.get(f"{page}/change/").content.decode()
    assert root_client.post(f"{page}/change/", {"reason": "x"}).status_code == 403
    assert root_client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert Sanction.objects.get().reason == "noise"


def test_staff_without_the_permission_to_moderate_only_look(root_client, lobby, alice):
    add(root_client, "mute", "alice")
    client = signed_in(create_staff("view_sanction", name="visitor"))
    assert len(listed(client.get(PAGE))) == 1
    assert client.get(f"{PAGE}add/").status_code == 403
    run_action(client, "sanction", "lift", Sanction.objects.get())
    assert Sanction.objects.get().lifted is None


def test_sanctions_in_private_rooms_are_for_superusers(root_client, warden, lobby, alice, bob):
    cellar = creation.create(alice, "Cellar", private=True)
    moderation.mute(Moderator(alice, Door.PAGE), targets.of_account(bob), cellar.pk)
    assert len(listed(root_client.get(PAGE))) == 1
    assert listed(warden.get(PAGE)) == []
    response = add(warden, "mute", "eve", room_address=cellar.slug)
    assert "There is no such room." in str(errors(response)["room_address"])


def test_what_a_higher_rank_has_imposed_is_not_lifted_in_the_admin(
    root_client, warden, lobby, alice
):
    add(root_client, "mute", "alice")
    sanction = Sanction.objects.get()
    response = run_action(warden, "sanction", "lift", sanction)
    assert "somebody of a higher rank has decided it" in shown_messages(response)[0]
    add(warden, "mute", "alice", duration="1m")
    assert Sanction.objects.get().lifted is None
    response = run_action(root_client, "sanction", "lift", sanction)
    assert shown_messages(response) == ["Lifted: 1 sanction."]
