"""The deletion of accounts, whose messages stay."""

import pytest

from chat.models import Message, Presence, User
from tests.support.admin import run_action
from tests.support.log import say
from tests.support.presence import enter


def test_the_confirmation_page_says_that_messages_stay(root_client, lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    html = root_client.get(f"/admin/chat/user/{alice.pk}/delete/").content.decode()
    assert "stay in the room, under the name “deleted user”" in html
    assert "Message: " not in html
    assert "Messages: " not in html
    assert "protected" not in html
    assert "Yes, I’m sure" in html


@pytest.mark.parametrize("way", ["page", "action"])
def test_a_user_who_is_in_the_room_can_be_deleted(
    root_client, lobby, alice, bob, process, announced, way
):
    (stay, _) = enter(lobby, alice, bob, process=process)
    say(lobby, stay, "hello")
    announced.clear()
    if way == "page":
        root_client.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"})
    else:
        question = run_action(root_client, "user", "delete_selected", alice)
        assert "stay in the room" in question.content.decode()
        assert User.objects.filter(pk=alice.pk).exists()
        form = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
        root_client.post("/admin/chat/user/", form)
    assert not User.objects.filter(pk=alice.pk).exists()
    assert Message.objects.get(text="hello").name == "deleted user"
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert lobby.pk in announced
