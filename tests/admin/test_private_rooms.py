"""Private and direct rooms in the admin site: superusers see them, and each look is recorded."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts import events
from chat.models import Line, Membership, Message, Upload, User
from chat.room import creation, log
from tests.support.admin import create_staff, listed, signed_in, upload_page
from tests.support.events import new_events

SECRETS = ("Cellar", "a secret")


@pytest.fixture
def cellar(lobby, alice):
    """A private room of alice, in which she has said something."""
    room = creation.create(alice, "Cellar", private=True)
    line = Line(kind="said", name="alice", author_id=alice.pk, text="a secret", at=timezone.now())
    with transaction.atomic():
        log.append(log.lock(room.pk), [line])
    send_secret(room, alice)
    return room


def send_secret(room, owner):
    moment = timezone.now()
    Upload.objects.create(room=room, owner=owner, name="a secret.txt", size=1, created=moment)


@pytest.fixture
def warden(lobby):
    """Staff who may see everything that is no secret."""
    return signed_in(create_staff("view_room", "view_message", "view_membership", "view_upload"))


def pages(room):
    """Return the pages that show something of a room, with the name of what they show."""
    message = Message.objects.filter(room=room).latest("seq")
    member = Membership.objects.filter(room=room).first()
    uploads = Upload.objects.filter(room=room)
    return [
        ("rooms", "/admin/chat/room/"),
        ("rooms", f"/admin/chat/room/{room.pk}/change/"),
        ("rooms", f"/admin/chat/room/{room.pk}/history/"),
        ("messages", "/admin/chat/message/"),
        ("messages", f"/admin/chat/message/?room={room.pk}"),
        ("messages", "/admin/chat/message/?q=secret"),
        ("messages", f"/admin/chat/message/{message.pk}/change/"),
        ("memberships", "/admin/chat/membership/"),
        ("memberships", f"/admin/chat/membership/{member.pk}/change/"),
        ("uploads", "/admin/chat/upload/"),
        *(("uploads", upload_page(upload)) for upload in uploads),
    ]


def test_each_look_of_a_superuser_is_recorded_without_the_name_of_the_room(root_client, cellar):
    for what, page in pages(cellar):
        events.forget()  # or a second look within a minute would be a repeat
        assert root_client.get(page).status_code == 200, page
        detail = f"looked at {what}, private rooms: {cellar.pk}"
        assert new_events() == [("staff_action", "", "root", detail)], page


def test_looks_at_open_rooms_are_not_recorded(root_client, conversation):
    for page in ("/admin/chat/room/", "/admin/chat/message/"):
        root_client.get(page)
    assert new_events() == []


def test_other_staff_see_nothing_of_private_rooms(warden, cellar):
    for _, page in pages(cellar):
        response = warden.get(page, follow=True)
        for secret in SECRETS:
            assert secret not in response.content.decode(), page
    assert new_events() == []


def test_other_staff_see_open_rooms(warden, conversation):
    assert len(listed(warden.get("/admin/chat/message/"))) == 5
    assert [room.name for room in listed(warden.get("/admin/chat/room/"))] == ["Lobby"]
    assert len(listed(warden.get("/admin/chat/membership/"))) == 2


def test_other_staff_remove_no_message_of_a_private_room(cellar):
    client = signed_in(create_staff("view_message", "delete_message"))
    message = Message.objects.get(text="a secret")
    form = {"action": "remove", "_selected_action": [message.pk], "index": 0}
    client.post("/admin/chat/message/", form)
    assert not Message.objects.filter(removed=True).exists()


def test_the_number_of_all_messages_counts_only_what_is_shown(warden, cellar, conversation):
    change_list = warden.get("/admin/chat/message/").context["cl"]
    assert change_list.full_result_count == 5


def test_messages_are_filtered_by_room(root_client, cellar, conversation):
    page = f"/admin/chat/message/?room={cellar.pk}"
    assert {line.text for line in listed(root_client.get(page))} == {"Cellar", "a secret"}
    assert listed(root_client.get("/admin/chat/message/?room=nonsense")) == []


def test_memberships_are_filtered_and_found_by_name(root_client, cellar, conversation):
    for query, found in (("user=bob", 1), (f"room={cellar.pk}", 1), ("q=A1ICE", 2), ("", 3)):
        assert len(listed(root_client.get(f"/admin/chat/membership/?{query}"))) == found, query


@pytest.mark.parametrize("model", ["message", "membership"])
def test_a_list_names_its_rooms_without_a_statement_for_each_row(root_client, conversation, model):
    with CaptureQueriesContext(connection) as captured:
        assert len(listed(root_client.get(f"/admin/chat/{model}/"))) > 1
    reads = [each["sql"] for each in captured if 'FROM "chat_room"' in each["sql"]]
    assert not [sql for sql in reads if "LIMIT 21" in sql]


@pytest.mark.only_sqlite
@pytest.mark.parametrize("query", ["", "kind__exact=said", "when=week", "room={}"])
def test_the_list_of_staff_is_read_in_its_order_without_sorting(warden, conversation, query):
    with CaptureQueriesContext(connection) as captured:
        warden.get(f"/admin/chat/message/?{query.format(conversation.pk)}")
    (keys,) = [each["sql"] for each in captured if "LIMIT 10000" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + keys.replace("%", "%%"), ())
        steps = [row[3] for row in cursor.fetchall()]
    assert not [step for step in steps if "TEMP B-TREE" in step], steps


def test_direct_rooms_are_named_by_their_people(root_client, lobby, alice, bob):
    carol = User.objects.create_user("carol")
    room = creation.open_direct(alice, [bob, carol])
    carol.delete()
    line = Line(kind="said", name="alice", author_id=alice.pk, text="a secret", at=timezone.now())
    with transaction.atomic():
        log.append(log.lock(room.pk), [line])
    send_secret(room, alice)
    for _, page in pages(room):
        shown = root_client.get(page).content.decode()
        assert "alice, bob, deleted user" in shown, page


def test_the_people_of_all_direct_rooms_of_a_list_are_read_at_once(root_client, lobby, alice, bob):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            root_client.get("/admin/chat/room/")
        return len(captured)

    creation.open_direct(alice, [bob])
    root_client.get("/admin/chat/room/")
    before = statements()
    for name in ("carol", "dora"):
        creation.open_direct(alice, [User.objects.create_user(name)])
    root_client.get("/admin/chat/room/")  # the first look is recorded
    assert statements() == before
