"""Messages: staff read them, also removed ones, and remove them, but never edit them."""

from django.db import transaction
from django.utils import timezone

from chat.admin import messages
from chat.models import Line, Message, User
from chat.room import log, removing
from tests.support.admin import listed_seqs, run_action, shown_messages
from tests.support.amending import edit
from tests.support.log import write_log
from tests.support.presence import enter, say


def test_removing_leaves_tombstones_and_adds_a_line_for_each(root_client, conversation, announced):
    selected = Message.objects.filter(seq__in=[2, 3, 5])
    shown = shown_messages(run_action(root_client, "message", "remove", *selected))
    assert shown[0] == "Removed: 2 messages."
    assert shown[1].startswith("Skipped: 1 line.")
    lines = log.after(conversation.pk, 2, 100)
    assert [(line.kind, line.text, line.removed) for line in lines[:3]] == [
        ("said", "", True),
        ("said", "Ärger in the kitchen", False),
        ("said", "", True),
    ]
    assert [(line.kind, line.name, line.of) for line in lines[3:]] == [
        ("removed", "root", 3),
        ("removed", "root", 5),
    ]
    assert announced == [conversation.pk]
    assert listed_seqs(root_client.get("/admin/chat/message/?removed=yes")) == [5, 3]


def test_everything_that_a_search_finds_is_removed_on_all_pages(root_client, lobby, monkeypatch):
    monkeypatch.setattr(messages, "REMOVAL_BATCH_SIZE", 50)
    write_log(lobby, 400)
    first = Message.objects.get(seq=1)
    form = {"action": "remove", "_selected_action": [first.pk], "index": 0, "select_across": "1"}
    root_client.post("/admin/chat/message/?kind__exact=said&name=alice", form)
    assert Message.objects.filter(removed=True).count() == 200
    assert not Message.objects.filter(removed=True, name="bob").exists()


def test_staff_can_read_a_removed_message_and_see_who_removed_it(root_client, root, conversation):
    page = f"/admin/chat/message/{Message.objects.get(seq=5).pk}/change/"
    before = root_client.get(page).content.decode()
    removing.remove(conversation.pk, [5], by=root)
    after = root_client.get(page).content.decode()
    assert "Remove this message" in before
    assert "Visible to everybody." in before
    assert "good night" in after
    assert "Removed by root" in after
    assert "Remove this message" not in after


def test_staff_see_a_message_as_it_was_typed_and_as_it_is_shown(root_client, lobby, root):
    text, spans = "**loud** <b>", [[0, 2, "escape"], [2, 4, "bold"], [6, 2, "escape"]]
    line = Line(kind="said", name="ann", at=timezone.now(), text=text, spans=spans)
    with transaction.atomic():
        log.append(log.lock(lobby.pk), [line])
    page = f"/admin/chat/message/{Message.objects.get(seq=1).pk}/change/"
    for _ in range(2):
        html = root_client.get(page).content.decode()
        assert "**loud** &lt;b&gt;" in html
        assert "<strong>loud</strong> &lt;b&gt;" in html
        removing.remove(lobby.pk, [1], by=root)


def test_messages_can_be_neither_added_nor_edited_nor_deleted(root_client, conversation):
    message = Message.objects.get(seq=3)
    page = f"/admin/chat/message/{message.pk}/"
    assert root_client.get("/admin/chat/message/add/").status_code == 403
    assert root_client.post(f"{page}change/", {"text": "bad morning"}).status_code == 403
    assert root_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert 'name="text"' not in root_client.get(f"{page}change/").content.decode()
    assert Message.objects.get(seq=3).text == "good morning"


def test_html_in_a_message_is_escaped(root_client, conversation):
    Message.objects.filter(seq=3).update(text="<b>bold</b>\nmove", name="<i>alice</i>")
    row = Message.objects.get(seq=3)
    for page in ("", f"{row.pk}/change/"):
        html = root_client.get(f"/admin/chat/message/{page}").content.decode()
        assert "&lt;b&gt;bold" in html
        assert "<b>bold" not in html
        assert "<i>alice" not in html


def test_staff_read_the_earlier_versions_of_a_message(root_client, conversation, alice, process):
    (stay,) = enter(None, alice, process=process)
    said = say(conversation, stay, "first").seq
    page = f"/admin/chat/message/{Message.objects.get(room=conversation, seq=said).pk}/change/"
    assert "earlier versions" not in root_client.get(page).content.decode().lower()
    for text in ("<b>second</b>\nline", "third"):
        edit(conversation, stay, said, text)
    html = root_client.get(page).content.decode()
    assert "first</p>" in html
    assert "&lt;b&gt;second&lt;/b&gt;<br>line</p>" in html
    assert "third" in html


def test_the_last_removal_of_a_message_is_the_one_that_is_shown(root_client, root, conversation):
    message = Message.objects.get(room=conversation, seq=5)
    page = f"/admin/chat/message/{message.pk}/change/"
    removing.remove(conversation.pk, [5], by=root)
    Message.objects.filter(pk=message.pk).update(removed=False)
    removing.remove(conversation.pk, [5], by=User.objects.create_user("judy", is_staff=True))
    assert "Removed by judy" in root_client.get(page).content.decode()
