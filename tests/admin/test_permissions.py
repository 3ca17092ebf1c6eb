"""The permissions of staff, by the rank of the account that they act on."""

from chat.accounts import administrators
from chat.admin.protection import reason_to_keep_rights
from chat.models import Connection, Message, Presence, User
from tests.support.admin import (
    create_staff,
    listed,
    offered_actions,
    run_action,
    save_user,
    shown_messages,
    signed_in,
)
from tests.support.log import say
from tests.support.moderating import site_moderator
from tests.support.presence import enter


def test_administrators_cannot_lock_themselves_out(root_client, root):
    User.objects.create_superuser("second")
    for right in ("is_active", "is_staff", "is_superuser"):
        response = save_user(root_client, root, **{right: None})
        assert "lock yourself out" in response.content.decode()
    for action in ("deactivate", "delete_selected"):
        response = run_action(root_client, "user", action, root)
        assert "lock yourself out" in shown_messages(response)[0]
    page = f"/admin/chat/user/{root.pk}/delete/"
    for response in (root_client.get(page, follow=True), root_client.post(page, follow=True)):
        assert "lock yourself out" in shown_messages(response)[0]
    assert administrators.administrators().count() == 2


def test_the_last_administrator_is_protected_from_another_superuser(root):
    other = User.objects.create_user("other", is_superuser=True)
    assert "last active administrator" in reason_to_keep_rights(root, other)


def test_an_administrator_may_deactivate_another(root_client):
    second = User.objects.create_superuser("second")
    save_user(root_client, second, is_active=None)
    assert not User.objects.get(pk=second.pk).is_active


def test_staff_who_may_change_users_cannot_act_on_other_staff(root, alice):
    client = signed_in(create_staff("view_user", "change_user", "delete_user"))
    assert client.post(f"/admin/chat/user/{root.pk}/password/", {}).status_code == 403
    assert client.post(f"/admin/chat/user/{root.pk}/change/", {}).status_code == 403
    for action in ("deactivate", "delete_selected"):
        (message, *_) = shown_messages(run_action(client, "user", action, root))
        assert message.startswith("root is a staff member")
    assert User.objects.get(pk=root.pk).is_active
    assert client.get(f"/admin/chat/user/{alice.pk}/password/").status_code == 200


def test_staff_who_may_change_users_cannot_grant_rights(alice):
    client = signed_in(create_staff("view_user", "change_user"))
    save_user(client, alice, email="a@example.org", is_superuser="on", is_staff="on")
    alice.refresh_from_db()
    assert alice.email == "a@example.org"
    assert not alice.is_superuser
    assert not alice.is_staff


def test_staff_who_may_only_view_cannot_run_actions(lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    client = signed_in(create_staff("view_user", "view_message", "view_presence", "view_room"))
    for model in ("user", "message", "presence", "room"):
        response = client.get(f"/admin/chat/{model}/")
        assert len(listed(response)) >= 1
        assert offered_actions(response) == []
    for model, action, row in [
        ("user", "deactivate", alice),
        ("message", "remove", Message.objects.get(text="hello")),
        ("presence", "disconnect", Presence.objects.get()),
    ]:
        run_action(client, model, action, row)
    assert User.objects.get(pk=alice.pk).is_active
    assert not Message.objects.filter(removed=True).exists()
    assert Connection.objects.count() == 1


def test_staff_are_offered_the_actions_that_they_may_run(lobby):
    client = signed_in(
        create_staff(
            "view_user", "view_message", "view_presence", "delete_message", "delete_presence"
        )
    )
    assert offered_actions(client.get("/admin/chat/user/")) == []
    assert offered_actions(client.get("/admin/chat/message/")) == ["remove"]
    assert offered_actions(client.get("/admin/chat/presence/")) == ["disconnect"]


def test_people_whose_rank_is_not_lower_stay_and_keep_their_messages(root, lobby, alice, process):
    staff = create_staff("view_message", "delete_message", "view_presence", "delete_presence")
    for user in (root, alice, staff, site_moderator()):
        (stay,) = enter(lobby, user, process=process)
        say(lobby, stay, f"from {user}")
    client = signed_in(staff)
    response = run_action(client, "message", "remove", *Message.objects.filter(kind="said"))
    assert shown_messages(response) == [
        "Removed: 2 messages.",
        "Your rank is not higher than that of: root, serena.",
    ]
    left = Message.objects.filter(kind="said", removed=False)
    assert set(left.values_list("name", flat=True)) == {"root", "serena"}
    response = run_action(client, "presence", "disconnect", *Presence.objects.all())
    assert shown_messages(response) == [
        "Disconnected: 1 person.",
        "Your rank is not higher than that of: root, serena, warden.",
    ]
    assert set(Presence.objects.values_list("name", flat=True)) == {"root", "serena", "warden"}


def test_removing_is_offered_only_where_it_is_allowed(root, lobby, alice, process):
    staff = create_staff("view_message", "delete_message")
    for user, is_offered in ((root, False), (alice, True)):
        (stay,) = enter(lobby, user, process=process)
        say(lobby, stay, f"from {user}")
        page = f"/admin/chat/message/{Message.objects.latest('pk').pk}/change/"
        assert signed_in(staff).get(page).context["removable"] is is_offered


def test_staff_cannot_deactivate_moderators_of_the_site(transactional_db):
    serena = site_moderator()
    client = signed_in(create_staff("view_user", "change_user"))
    (message, *_) = shown_messages(run_action(client, "user", "deactivate", serena))
    assert message.startswith("serena is a staff member or moderates the site")
    assert User.objects.get(pk=serena.pk).is_active
    assert client.post(f"/admin/chat/user/{serena.pk}/password/", {}).status_code == 403
