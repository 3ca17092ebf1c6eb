"""The list of the people who are here."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Message, Presence
from chat.room import state
from tests.support.admin import listed, run_action, shown_messages
from tests.support.presence import enter, events


def test_the_list_shows_when_people_entered_and_through_which_doors(
    root_client, lobby, alice, process
):
    enter(lobby, alice, alice, "carol", process=process)
    response = root_client.get("/admin/chat/presence/")
    rows, html = listed(response), response.content.decode()
    assert [(row.name, row.guest) for row in rows] == [("alice", False), ("carol", True)]
    assert [row.since for row in rows] == list(
        Message.objects.order_by("seq").values_list("at", flat=True)
    )
    assert "2 web" in html
    assert "1 legacy" in html
    assert "here:1" in html


def test_the_number_of_queries_does_not_grow_with_the_number_of_people(root_client, lobby, process):
    def count_queries():
        with CaptureQueriesContext(connection) as captured:
            root_client.get("/admin/chat/presence/")
        return len(captured)

    enter(lobby, "carol", process=process)
    queries_for_one = count_queries()
    enter(lobby, *[f"guest {n}" for n in range(30)], process=process)
    assert count_queries() == queries_for_one


def test_disconnecting_people_makes_them_leave(root_client, lobby, alice, bob, process, announced):
    enter(lobby, alice, alice, bob, "carol", process=process)
    announced.clear()
    selected = Presence.objects.filter(name__in=["alice", "carol"])
    response = run_action(root_client, "presence", "disconnect", *selected)
    assert shown_messages(response) == ["Disconnected: 2 people."]
    assert [row.name for row in Presence.objects.all()] == ["bob"]
    assert events(lobby)[-2:] == [("left", "alice"), ("left", "carol")]
    assert announced == [lobby.pk]


def test_presence_can_be_neither_added_nor_edited_nor_deleted(root_client, lobby, alice, process):
    enter(lobby, alice, process=process)
    page = f"/admin/chat/presence/{Presence.objects.get().pk}/"
    assert root_client.get(f"{page}change/").status_code == 200
    assert root_client.get("/admin/chat/presence/add/").status_code == 403
    assert root_client.post(f"{page}change/", {"name": "eve"}).status_code == 403
    assert root_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert state.people(lobby.pk)[1][1].name == "alice"
