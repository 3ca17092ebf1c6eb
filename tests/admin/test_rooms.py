"""The list of rooms."""

from chat.models import Room
from tests.support.admin import listed, offered_actions
from tests.support.log import say
from tests.support.presence import enter


def test_a_room_can_be_renamed_while_people_talk(root_client, lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    root_client.post(f"/admin/chat/room/{lobby.pk}/change/", {"name": "Salon", "last_seq": 0})
    say(lobby, stay, "still here")
    room = Room.objects.get()
    assert (room.name, room.last_seq) == ("Salon", 3)


def test_a_room_can_be_neither_added_nor_deleted(root_client, lobby):
    delete_page = f"/admin/chat/room/{lobby.pk}/delete/"
    assert root_client.get("/admin/chat/room/add/").status_code == 403
    assert root_client.post(delete_page, {"post": "yes"}).status_code == 403
    assert offered_actions(root_client.get("/admin/chat/room/")) == []
    assert Room.objects.exists()


def test_the_list_of_rooms_shows_the_number_of_people(root_client, lobby, alice, bob, process):
    enter(lobby, alice, bob, process=process)
    (room,) = listed(root_client.get("/admin/chat/room/"))
    assert (room.last_seq, room.people) == (2, 2)
