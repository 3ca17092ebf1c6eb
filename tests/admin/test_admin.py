"""The admin site: what staff may do to accounts, messages and people, and what it costs."""

import asyncio
import re
import urllib.request
from datetime import timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import accounts
from chat.admin import forms, listing, messages
from chat.live import process as live
from chat.models import Connection, Message, Presence, Room, User
from chat.room import presence, transcript
from chat.room.transcript import Saying
from tests.support.clients import TextMember
from tests.support.delivery import web_members
from tests.support.presence import enter, events
from tests.support.servers import Server

PASSWORD = "correct horse 9"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root(transactional_db):
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def browser(root):
    return signed_in(root)


@pytest.fixture
def woken(monkeypatch):
    """The ids of the rooms whose newest rows were to be seen at once."""
    rooms = []
    monkeypatch.setattr(live, "wake", rooms.append)
    return rooms


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def staff(*permissions, name="warden"):
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def act(browser, model, action, *objects, **more):
    """Run an action on some rows of a list; the page that follows."""
    form = {"action": action, "_selected_action": [one.pk for one in objects], "index": 0, **more}
    return browser.post(f"/admin/chat/{model}/", form, follow=True)


def told(response):
    return [str(message) for message in response.context["messages"]]


def offered(response):
    """The actions that a list offers."""
    form = response.context["action_form"]
    return [name for name, _ in form.fields["action"].choices if name] if form else []


def listed(response):
    return list(response.context["cl"].result_list)


def names(response):
    return [row.username for row in listed(response)]


def user_form(user, **changes):
    rights = ("is_active", "is_staff", "is_superuser")
    form = {right: "on" for right in rights if getattr(user, right)}
    form = {**form, "email": user.email, **changes}
    return {name: value for name, value in form.items() if value is not None}


def save(browser, user, **changes):
    return browser.post(
        f"/admin/chat/user/{user.pk}/change/", user_form(user, **changes), follow=True
    )


def say(room, stay, *texts):
    transcript.say(room.pk, [Saying(stay.connection_id, text) for text in texts])


def write_log(room, count):
    """Fill the log of a room without its people: one line a minute, the newest now."""
    now, rest = timezone.now(), room.last_seq
    Message.objects.bulk_create(
        Message(
            room=room,
            seq=rest + n,
            kind="said" if n % 4 else "entered",
            name="alice" if n % 2 else "bob",
            text=f"line {n}" if n % 4 else "",
            at=now - timedelta(minutes=count - n),
        )
        for n in range(1, count + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=rest + count)


PAGES = [
    "",
    "chat/",
    "chat/user/",
    "chat/user/add/",
    "chat/room/",
    "chat/message/",
    "chat/presence/",
    "auth/group/",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_admin_shows_itself_and_holds_to_the_policy(browser, lobby, page):
    response = browser.get(f"/admin/{page}")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Chatsite" in html
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


@pytest.mark.parametrize("page", PAGES)
def test_a_member_who_is_not_staff_sees_nothing_of_the_admin(alice, page):
    assert signed_in(alice).get(f"/admin/{page}", follow=True).status_code == 403


# Users


@pytest.mark.parametrize("typed", ["Alice", "аlice", "a1ic", "wonder@", "ALICE wonder"])
def test_a_user_is_found_by_name_by_what_looks_the_same_and_by_email(browser, alice, bob, typed):
    accounts.change_email(alice, "wonder@example.org")
    assert names(browser.get("/admin/chat/user/", {"q": typed})) == ["alice"]


def test_a_new_user_signs_in_with_the_password_that_staff_typed(browser):
    form = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD}
    response = browser.post("/admin/chat/user/add/", form, follow=True)
    assert response.status_code == 200
    assert Client().login(username="dora", password=PASSWORD)


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "carol", "a b", "ａnna", "n" * 31])
def test_a_name_that_signing_up_refuses_is_refused_here(browser, lobby, alice, process, name):
    enter(lobby, "carol", process=process)
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    response = browser.post("/admin/chat/user/add/", form)
    assert response.status_code == 200
    assert len(response.context["adminform"].form.errors["username"]) == 1
    assert User.objects.count() == 2


def test_a_name_stays_what_it_was(browser, alice):
    save(browser, alice, username="eve", email="a@example.org")
    alice.refresh_from_db()
    assert (alice.username, alice.email) == ("alice", "a@example.org")


@pytest.mark.parametrize("way", ["form", "action"])
def test_deactivating_somebody_ends_their_connections(
    browser, lobby, alice, bob, process, woken, way
):
    enter(lobby, alice, alice, bob, process=process)
    if way == "form":
        save(browser, alice, is_active=None)
    else:
        assert told(act(browser, "user", "deactivate", alice)) == ["Deactivated: 1 user."]
    assert not User.objects.get(pk=alice.pk).is_active
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert events(lobby)[-1] == ("left", "alice")
    assert woken == [lobby.pk]


def test_changing_something_else_of_somebody_ends_nothing(browser, lobby, alice, process, woken):
    enter(lobby, alice, process=process)
    save(browser, alice, email="a@example.org")
    assert Connection.objects.count() == 1
    assert woken == []


def test_somebody_is_let_in_again(browser, alice):
    accounts.deactivate(alice)
    assert told(act(browser, "user", "activate", alice)) == ["Activated: 1 user."]
    assert User.objects.get(pk=alice.pk).is_active


def test_a_new_password_ends_what_is_open_with_the_old_one(
    browser, lobby, alice, bob, process, woken
):
    enter(lobby, alice, bob, process=process)
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    page = f"/admin/chat/user/{alice.pk}/password/"
    browser.post(page, {**form, "password2": "something else 3"})
    assert Connection.objects.count() == 2
    browser.post(page, form)
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert woken == [lobby.pk]
    assert Client().login(username="alice", password=PASSWORD)


def test_who_sets_their_own_password_stays_in_the_room_in_that_browser(
    browser, root, lobby, process
):
    here = browser.session.session_key
    enter(lobby, root, process=process, session_key=here)
    enter(lobby, root, process=process, session_key="elsewhere")
    form = {"password1": "battery staple 7", "password2": "battery staple 7"}
    browser.post(f"/admin/chat/user/{root.pk}/password/", {**form, "usable_password": "true"})
    assert [row.session_key for row in Connection.objects.all()] == [browser.session.session_key]
    assert browser.get("/admin/").status_code == 200


# Deleting


def test_the_question_before_deleting_says_that_messages_stay(browser, lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    html = browser.get(f"/admin/chat/user/{alice.pk}/delete/").content.decode()
    assert "stay in the room, under the name “deleted user”" in html
    assert "Message: " not in html
    assert "Messages: " not in html
    assert "protected" not in html
    assert "Yes, I’m sure" in html


@pytest.mark.parametrize("way", ["page", "action"])
def test_a_user_who_is_in_the_room_can_be_deleted(browser, lobby, alice, bob, process, woken, way):
    (stay, _) = enter(lobby, alice, bob, process=process)
    say(lobby, stay, "hello")
    if way == "page":
        browser.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"})
    else:
        asked = act(browser, "user", "delete_selected", alice)
        assert "stay in the room" in asked.content.decode()
        assert User.objects.filter(pk=alice.pk).exists()
        form = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
        browser.post("/admin/chat/user/", form)
    assert not User.objects.filter(pk=alice.pk).exists()
    assert Message.objects.get(text="hello").name == "deleted user"
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert lobby.pk in woken


# Who may do what to whom


def test_nobody_locks_themselves_out(browser, root):
    User.objects.create_superuser("second", password=PASSWORD)
    for right in ("is_active", "is_staff", "is_superuser"):
        response = save(browser, root, **{right: None})
        assert "lock yourself out" in response.content.decode()
    assert "lock yourself out" in told(act(browser, "user", "deactivate", root))[0]
    assert "lock yourself out" in told(act(browser, "user", "delete_selected", root))[0]
    page = f"/admin/chat/user/{root.pk}/delete/"
    for response in (browser.get(page, follow=True), browser.post(page, follow=True)):
        assert "lock yourself out" in told(response)[0]
    assert accounts.User.objects.filter(**accounts.ADMINISTRATORS).count() == 2


def test_the_last_administrator_is_who_nobody_could_do_without(root, alice):
    assert accounts.is_last_administrator(root)
    assert not accounts.is_last_administrator(alice)
    User.objects.create_superuser("second", password=PASSWORD)
    assert not accounts.is_last_administrator(root)


def test_the_last_administrator_is_kept_even_from_another_superuser(root):
    other = User.objects.create_user("other", password=PASSWORD, is_superuser=True)
    assert "last active administrator" in forms.reason_to_keep(root, other)


def test_one_administrator_may_deactivate_another(browser):
    second = User.objects.create_superuser("second", password=PASSWORD)
    save(browser, second, is_active=None)
    assert not User.objects.get(pk=second.pk).is_active


def test_staff_who_may_change_users_do_not_get_at_other_staff(root, alice):
    browser = signed_in(staff("view_user", "change_user", "delete_user"))
    assert browser.post(f"/admin/chat/user/{root.pk}/password/", {}).status_code == 403
    assert browser.post(f"/admin/chat/user/{root.pk}/change/", {}).status_code == 403
    for action in ("deactivate", "delete_selected"):
        assert told(act(browser, "user", action, root))[0].startswith("root is a staff member")
    assert User.objects.get(pk=root.pk).is_active
    assert browser.get(f"/admin/chat/user/{alice.pk}/password/").status_code == 200


def test_staff_who_may_change_users_do_not_give_rights_away(alice):
    browser = signed_in(staff("view_user", "change_user"))
    save(browser, alice, email="a@example.org", is_superuser="on", is_staff="on")
    alice.refresh_from_db()
    assert alice.email == "a@example.org"
    assert not alice.is_superuser
    assert not alice.is_staff


def test_staff_who_may_only_look_are_offered_no_actions(lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    browser = signed_in(staff("view_user", "view_message", "view_presence", "view_room"))
    for model in ("user", "message", "presence", "room"):
        response = browser.get(f"/admin/chat/{model}/")
        assert len(listed(response)) >= 1
        assert offered(response) == []
    for model, action, row in [
        ("user", "deactivate", alice),
        ("message", "remove", Message.objects.get(text="hello")),
        ("presence", "disconnect", Presence.objects.get()),
    ]:
        act(browser, model, action, row)
    assert User.objects.get(pk=alice.pk).is_active
    assert not Message.objects.filter(removed=True).exists()
    assert Connection.objects.count() == 1


def test_staff_are_offered_what_they_may_do(lobby):
    browser = signed_in(
        staff("view_user", "view_message", "view_presence", "delete_message", "delete_presence")
    )
    assert offered(browser.get("/admin/chat/user/")) == []
    assert offered(browser.get("/admin/chat/message/")) == ["remove"]
    assert offered(browser.get("/admin/chat/presence/")) == ["disconnect"]


# Rooms


def test_a_room_can_be_renamed_while_people_talk(browser, lobby, alice, process):
    (stay,) = enter(lobby, alice, process=process)
    say(lobby, stay, "hello")
    browser.post(f"/admin/chat/room/{lobby.pk}/change/", {"name": "Salon", "last_seq": 0})
    say(lobby, stay, "still here")
    room = Room.objects.get()
    assert (room.name, room.last_seq) == ("Salon", 3)


def test_a_room_is_neither_made_nor_deleted(browser, lobby):
    assert browser.get("/admin/chat/room/add/").status_code == 403
    assert browser.post(f"/admin/chat/room/{lobby.pk}/delete/", {"post": "yes"}).status_code == 403
    assert offered(browser.get("/admin/chat/room/")) == []
    assert Room.objects.exists()


def test_the_list_of_rooms_says_how_many_are_there(browser, lobby, alice, bob, process):
    enter(lobby, alice, bob, process=process)
    (room,) = listed(browser.get("/admin/chat/room/"))
    assert (room.last_seq, room.people) == (2, 2)


# Messages


@pytest.fixture
def talk(lobby, alice, bob, process):
    """1 and 2: alice and bob enter; 3 to 5 are said."""
    one, other = enter(lobby, alice, bob, process=process)
    say(lobby, one, "good morning", "Ärger in the kitchen")
    say(lobby, other, "good night")
    return lobby


def seqs(response):
    return [message.seq for message in listed(response)]


def test_messages_are_listed_newest_first(browser, talk):
    assert seqs(browser.get("/admin/chat/message/")) == [5, 4, 3, 2, 1]
    assert seqs(browser.get("/admin/chat/message/?o=1")) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=GOOD", [5, 3]),
        ("q=good+alice", [3]),
        ("q=%22good+night%22", [5]),
        ("q=ärger", [4]),
        ("q=ÄRGER", [4]),
        ("q=%25", []),
        ("q=bob", [5, 2]),
        ("kind__exact=entered", [2, 1]),
        ("name=bob", [5, 2]),
        ("name=bob&kind__exact=said&q=night", [5]),
        ("removed=yes", []),
        ("removed=no&kind__exact=said", [5, 4, 3]),
        ("q=" + "+".join("good" for _ in range(2000)), [5, 3]),
    ],
)
def test_messages_are_found(browser, talk, query, found):
    assert seqs(browser.get(f"/admin/chat/message/?{query}")) == found


def test_messages_are_found_by_their_day(browser, talk):
    noon = timezone.localtime().replace(hour=12)
    for seq, days in [(1, 400), (2, 20), (3, 6), (4, 1), (5, 0)]:
        Message.objects.filter(seq=seq).update(at=noon - timedelta(days=days))
    found = {
        when: seqs(browser.get(f"/admin/chat/message/?when={when}"))
        for when in ("today", "yesterday", "week", "month", "year", "whenever")
    }
    assert found == {
        "today": [5],
        "yesterday": [4],
        "week": [5, 4, 3],
        "month": [5, 4, 3, 2],
        "year": [5, 4, 3, 2],
        "whenever": [5, 4, 3, 2, 1],
    }


def test_a_day_without_a_line_is_empty(browser, talk):
    Message.objects.update(at=timezone.now() - timedelta(days=3))
    assert seqs(browser.get("/admin/chat/message/?when=today")) == []
    assert seqs(browser.get("/admin/chat/message/?when=yesterday")) == []


def test_removing_leaves_tombstones_and_says_so_in_the_room(browser, root, talk, woken):
    response = act(browser, "message", "remove", *Message.objects.filter(seq__in=[2, 3, 5]))
    assert told(response)[0] == "Removed: 2 messages."
    assert told(response)[1].startswith("Skipped: 1 line.")
    lines = transcript.after(talk.pk, 2, 100)
    assert [(line.kind, line.text, line.removed) for line in lines[:3]] == [
        ("said", "", True),
        ("said", "Ärger in the kitchen", False),
        ("said", "", True),
    ]
    assert [(line.kind, line.name, line.of) for line in lines[3:]] == [
        ("removed", "root", 3),
        ("removed", "root", 5),
    ]
    assert woken == [talk.pk]
    assert seqs(browser.get("/admin/chat/message/?removed=yes")) == [5, 3]


def test_all_that_a_search_finds_is_removed_on_every_page(browser, lobby, monkeypatch):
    monkeypatch.setattr(messages, "REMOVAL_BATCH_SIZE", 50)
    write_log(lobby, 400)
    first = Message.objects.get(seq=1)
    form = {"action": "remove", "_selected_action": [first.pk], "index": 0, "select_across": "1"}
    browser.post("/admin/chat/message/?kind__exact=said&name=alice", form)
    assert Message.objects.filter(removed=True).count() == 200
    assert not Message.objects.filter(removed=True, name="bob").exists()


def test_staff_read_what_was_removed_and_learn_by_whom(browser, root, talk):
    page = f"/admin/chat/message/{Message.objects.get(seq=5).pk}/change/"
    before = browser.get(page).content.decode()
    transcript.remove(talk.pk, [5], by=root)
    after = browser.get(page).content.decode()
    assert "Remove this message" in before
    assert "Visible to everybody." in before
    assert "good night" in after
    assert "Removed by root" in after
    assert "Remove this message" not in after


def test_nobody_writes_changes_or_deletes_other_peoples_words(browser, talk):
    message = Message.objects.get(seq=3)
    page = f"/admin/chat/message/{message.pk}/"
    assert browser.get("/admin/chat/message/add/").status_code == 403
    assert browser.post(f"{page}change/", {"text": "bad morning"}).status_code == 403
    assert browser.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert 'name="text"' not in browser.get(f"{page}change/").content.decode()
    assert Message.objects.get(seq=3).text == "good morning"


def test_what_is_said_is_shown_as_text(browser, talk):
    Message.objects.filter(seq=3).update(text="<b>bold</b>\nmove", name="<i>alice</i>")
    row = Message.objects.get(seq=3)
    for page in ("", f"{row.pk}/change/"):
        html = browser.get(f"/admin/chat/message/{page}").content.decode()
        assert "&lt;b&gt;bold" in html
        assert "<b>bold" not in html
        assert "<i>alice" not in html


def test_the_list_leads_to_the_newest_and_says_that_there_are_more(browser, lobby, monkeypatch):
    monkeypatch.setattr(listing, "MAX_LISTED", 250)
    write_log(lobby, 251)
    first = browser.get("/admin/chat/message/")
    last = browser.get("/admin/chat/message/?p=3")
    few = browser.get("/admin/chat/message/?kind__exact=entered")
    assert (seqs(first)[0], seqs(last)[0], seqs(last)[-1]) == (251, 51, 2)
    assert "Only the newest matching messages are listed." in first.content.decode()
    assert "Only the newest matching messages are listed." not in few.content.decode()
    assert seqs(browser.get("/admin/chat/message/?p=4", follow=True)) == seqs(first)


# What the list of messages costs

LISTS = {
    "": "SCAN chat_message",
    "p=3": "SCAN chat_message",
    "removed=no": "SCAN chat_message",
    "q=line": "SCAN chat_message",
    "kind__exact=said": "message_kind_newest (kind=?)",
    "kind__exact=said&when=week": "message_kind_newest (kind=? AND",
    "kind__exact=said&q=line": "message_kind_newest (kind=?)",
    "name=alice": "message_name_newest (name=?)",
    "name=alice&when=week": "message_name_newest (name=? AND",
    "when=week": "INTEGER PRIMARY KEY (rowid>?)",
    "when=week&q=line": "INTEGER PRIMARY KEY (rowid>?)",
}
only_sqlite = pytest.mark.only_sqlite


def reads_of_messages(browser, query):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(f"/admin/chat/message/?{query}").status_code == 200
    return [each["sql"] for each in captured if 'FROM "chat_message"' in each["sql"]]


def plan(sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"), ())
        return [row[3] for row in cursor.fetchall()]


@pytest.mark.parametrize("query", LISTS)
def test_a_list_of_messages_is_read_once_and_up_to_a_bound(browser, lobby, query):
    write_log(lobby, 400)
    reads = reads_of_messages(browser, query)
    assert len(reads) >= 2
    for sql in reads:
        assert "COUNT(" not in sql
        assert "DISTINCT" not in sql
        assert re.search(r'LIMIT \d+$|"id" IN \([\d, ]+\)', sql), sql
    assert len([sql for sql in reads if f"LIMIT {listing.MAX_LISTED}" in sql]) == 1


@only_sqlite
@pytest.mark.parametrize(("query", "way"), LISTS.items())
def test_an_index_serves_the_order_of_every_list(browser, lobby, query, way):
    write_log(lobby, 400)
    for sql in reads_of_messages(browser, query):
        steps = plan(sql)
        assert steps
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
        if f"LIMIT {listing.MAX_LISTED}" in sql:
            assert len(steps) == 1
            assert way in steps[0]


# Presence


def test_presence_shows_who_is_here_since_when_and_by_which_doors(browser, lobby, alice, process):
    enter(lobby, alice, alice, "carol", process=process)
    rows = listed(browser.get("/admin/chat/presence/"))
    html = browser.get("/admin/chat/presence/").content.decode()
    assert [(row.name, row.guest) for row in rows] == [("alice", False), ("carol", True)]
    assert [row.since for row in rows] == list(
        Message.objects.order_by("seq").values_list("at", flat=True)
    )
    assert "2 web" in html
    assert "1 legacy" in html
    assert "here:1" in html


def test_a_crowd_costs_no_more_queries_than_one(browser, lobby, process):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            browser.get("/admin/chat/presence/")
        return len(captured)

    enter(lobby, "carol", process=process)
    few = queries()
    enter(lobby, *[f"guest {n}" for n in range(30)], process=process)
    assert queries() == few


def test_disconnecting_puts_people_out(browser, lobby, alice, bob, process, woken):
    enter(lobby, alice, alice, bob, "carol", process=process)
    chosen = Presence.objects.filter(name__in=["alice", "carol"])
    response = act(browser, "presence", "disconnect", *chosen)
    assert told(response) == ["Disconnected: 2 people."]
    assert [row.name for row in Presence.objects.all()] == ["bob"]
    assert events(lobby)[-2:] == [("left", "alice"), ("left", "carol")]
    assert woken == [lobby.pk]


def test_presence_is_only_looked_at(browser, lobby, alice, process):
    enter(lobby, alice, process=process)
    page = f"/admin/chat/presence/{Presence.objects.get().pk}/"
    assert browser.get(f"{page}change/").status_code == 200
    assert browser.get("/admin/chat/presence/add/").status_code == 403
    assert browser.post(f"{page}change/", {"name": "eve"}).status_code == 403
    assert browser.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert presence.people(lobby.pk)[1][1].name == "alice"


# With a server


class Visitor:
    """A browser without pictures, on a server of its own process."""

    def __init__(self, server):
        self.server = server
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()),
            urllib.request.ProxyHandler({}),
        )

    def get(self, page):
        with self.opener.open(self.server.url + page) as response:
            return response.read().decode()

    def post(self, page, **form):
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page))
        data = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(self.server.url + page, data) as response:
            return response.read().decode()

    def act(self, model, action, name):
        """Run an action on the only row that a search for `name` finds."""
        page = f"/admin/chat/{model}/?q={name}"
        (pk,) = re.findall(r'name="_selected_action" value="(\d+)"', self.get(page))
        return self.post(page, action=action, _selected_action=pk, index=0)


async def administrate(server, visitor):
    """Deactivate a member and disconnect a guest; (how the member was closed, what bob saw)."""
    member, bob = web_members(server, 2)
    guest = TextMember(server, "carol")
    for one in (bob, member, guest):
        await one.enter()
    await asyncio.to_thread(visitor.act, "user", "deactivate", member.name)
    await asyncio.to_thread(visitor.act, "presence", "disconnect", "carol")
    closed = await member.until_closed()
    await guest.until_closed()
    await bob.until_line(lambda line: (line["kind"], line["name"]) == ("left", "carol"))
    seen = [(line["kind"], line["name"]) for line in bob.lines]
    refused = await member.enter()
    await bob.leave()
    return member.name, closed, seen, refused


def test_who_is_put_out_is_disconnected_at_both_doors():
    with Server(DJANGO_SUPERUSER_PASSWORD=PASSWORD) as server:
        who = ["--username", "root", "--email", "root@example.org"]
        server.manage("createsuperuser", "--noinput", *who)
        visitor = Visitor(server)
        visitor.post("/accounts/login/", username="root", password=PASSWORD)
        name, closed, seen, refused = asyncio.run(administrate(server, visitor))
    assert closed[0] == 4401
    assert seen[-2:] == [("left", name), ("left", "carol")]
    assert (refused["type"], refused["code"]) == ("bye", "sign_in")
