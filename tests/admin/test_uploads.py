"""The list of files in the admin site."""

import re

import pytest
from django.utils.html import strip_tags

from chat.models import Message, Upload
from chat.room import removing
from tests.support.admin import create_staff, listed, signed_in, upload_page
from tests.support.pictures import picture
from tests.support.uploads import say_files, seat_of, send_file


@pytest.fixture
def image(upload_folder, lobby, alice):
    return send_file(lobby, alice, picture(), "photo.jpg")


def page(client, upload):
    response = client.get(upload_page(upload))
    assert response.status_code == 200
    return " ".join(strip_tags(response.content.decode()).split())


def test_staff_see_the_files_and_what_becomes_of_them(
    root_client, root, lobby, alice, image, process
):
    unused = send_file(lobby, alice, b"hello", "notes.txt")
    assert "In no message. It is deleted after" in page(root_client, unused)
    seq = say_files(lobby, seat_of(alice, process), image).seq
    shown = page(root_client, image)
    for fact in ("photo.jpg", "alice", "image/jpeg", "1200 × 800", f"In line {seq}"):
        assert fact in shown
    removing.remove(lobby.pk, [seq], root)
    removed = f"In line {seq}, which was removed. It is deleted after"
    assert removed in page(root_client, image)
    assert [upload.name for upload in listed(root_client.get("/admin/chat/upload/"))] == [
        "notes.txt",
        "photo.jpg",
    ]


def test_files_are_found_by_their_names_owners_and_rooms(root_client, lobby, bob, image):
    other = send_file(lobby, bob, b"hello", "notes.txt")
    for query, found in (("q=photo", image), ("owner=bob", other)):
        assert list(listed(root_client.get(f"/admin/chat/upload/?{query}"))) == [found]
    room = listed(root_client.get(f"/admin/chat/upload/?room={lobby.pk}"))
    assert len(room) == 2


def test_staff_need_the_permission_and_cannot_change_a_file(lobby, image):
    address = upload_page(image)
    assert signed_in(create_staff("view_message")).get(address).status_code == 403
    client = signed_in(create_staff("view_upload", "change_upload", "delete_upload", name="other"))
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "new.txt"}).status_code == 403
    assert Upload.objects.get().name == "photo.jpg"


def test_a_message_names_its_files_also_when_it_was_removed(
    root_client, root, lobby, alice, image, process
):
    seq = say_files(lobby, seat_of(alice, process), image).seq
    removing.remove(lobby.pk, [seq], root)
    message = Message.objects.get(room=lobby, seq=seq)
    shown = root_client.get(f"/admin/chat/message/{message.pk}/change/").content.decode()
    assert f'<a href="{upload_page(image)}">photo.jpg</a>' in shown
    assert "photo.jpg" in root_client.get("/admin/chat/message/").content.decode()
    Upload.objects.all().delete()
    shown = root_client.get(f"/admin/chat/message/{message.pk}/change/").content.decode()
    assert upload_page(image) not in shown


def test_a_message_leads_to_a_file_whose_id_django_could_take_for_another_one(
    root_client, upload_folder, lobby, alice, process
):
    Upload.objects.filter(pk=send_file(lobby, alice).pk).update(id="with_40_and_5F")
    seq = say_files(lobby, seat_of(alice, process), Upload.objects.get()).seq
    message = Message.objects.get(room=lobby, seq=seq)
    shown = root_client.get(f"/admin/chat/message/{message.pk}/change/").content.decode()
    (link,) = re.findall(r'href="(/admin/chat/upload/.+/change/)"', shown)
    response = root_client.get(link)
    assert response.status_code == 200
    assert "notes.txt" in response.content.decode()
