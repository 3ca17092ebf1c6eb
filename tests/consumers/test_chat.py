"""The consumer of the website, by the frames that chat/wire/README.md describes."""

import asyncio
import json
from uuid import uuid4

import pytest

from tests.support.clients import TextMember, WebMember, run_journey
from tests.support.waiting import wait_until

CLIENT_ID = "c0ffee00-0000-4000-8000-000000000001"


def test_the_welcome_tells_a_member_who_and_where_they_are(members):
    async def journey(alice):
        welcome = await alice.enter()
        assert welcome["room"] == "Lobby"
        assert welcome["you"] == alice.name
        assert welcome["reset"] is False
        assert {"name": alice.name, "guest": False} in welcome["people"]
        assert welcome["lines"][-1]["kind"] == "entered"
        assert welcome["lines"][-1]["seq"] == welcome["seq"]
        assert alice.socket.subprotocol == "chat.v1"
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_message_comes_back_with_its_client_id(members):
    async def journey(alice):
        await alice.enter()
        client_id = str(uuid4())
        line = await alice.say("  hello\r\nworld \x00", client_id)
        assert (line["text"], line["name"], line["client_id"]) == (
            "hello\nworld",
            alice.name,
            client_id,
        )
        assert line["seq"] == alice.entered + alice.lines.index(line) + 1
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_retry_of_a_message_that_was_seen_is_answered_with_its_number(members):
    async def journey(alice):
        await alice.enter()
        client_id = str(uuid4())
        line = await alice.say("once", client_id)
        await alice.send(type="say", text="once", client_id=client_id)
        answer = await alice.until_frame(lambda frame: frame["type"] == "said")
        assert answer == {"type": "said", "client_id": client_id, "seq": line["seq"]}
        assert [line["text"] for line in alice.lines].count("once") == 1
        await alice.leave()

    run_journey(journey(members(1)))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{", "bad_frame"),
        (b"\x00\xff", "bad_frame"),
        ('{"type": "dance"}', "unknown_type"),
        (json.dumps({"type": "say", "text": " ", "client_id": CLIENT_ID}), "empty"),
        (json.dumps({"type": "say", "text": "x" * 4001, "client_id": CLIENT_ID}), "too_long"),
        ("x" * 70_000, "too_long"),
        ("[" * 50_000, "bad_frame"),
    ],
    ids=["JSON", "binary", "type", "empty", "long text", "long frame", "depth"],
)
def test_the_connection_survives_a_bad_frame(members, sent, code):
    async def journey(alice):
        await alice.enter()
        await alice.socket.send(sent)
        error = await alice.until_frame(lambda frame: frame["type"] == "error")
        assert error["code"] == code
        assert error["text"]
        await alice.say("still here")
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_visitor_who_is_not_signed_in_is_told_and_closed(server):
    async def journey(visitor):
        bye = await visitor.enter(cookie=False)
        assert bye == {"type": "bye", "code": "sign_in", "retry_in": None}
        with pytest.raises(Exception, match="4401"):
            await visitor.socket.recv()

    run_journey(journey(WebMember(server, "nobody", "")))


def test_logging_out_leaves_at_once_and_closes_with_1000(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        await bob.send(type="logout")
        assert (await bob.until_closed())[0] == 1000
        assert bob.frames[-1] == {"type": "bye", "code": "logout", "retry_in": None}
        await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == bob.name)
        await alice.leave()

    run_journey(journey(*members(2)))


def test_two_tabs_of_one_account_are_one_person_and_hear_the_same(members):
    async def journey(alice):
        tab = WebMember(alice.server, alice.name, alice.session_key)
        await alice.enter()
        welcome = await tab.enter()
        assert [person["name"] for person in welcome["people"]].count(alice.name) == 1
        await tab.say("hi")
        await alice.until_said("hi")
        await tab.send(type="logout")
        await tab.until_closed()
        people = await alice.ask("look")
        assert alice.name in [person["name"] for person in people["people"]]
        assert all(line["name"] != alice.name or line["kind"] == "said" for line in alice.lines)
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_member_is_told_why_their_connection_was_ended(server, members):
    def run_on_server(code):
        server.manage("shell", "-v0", "-c", f"from chat.models import *\n{code}")

    async def journey(alice, bob, carol):
        for member in (alice, bob, carol):
            await member.enter()
        await asyncio.to_thread(
            run_on_server,
            "from chat.room import connections\n"
            "from django.contrib.sessions.models import Session\n"
            f"here = Presence.objects.filter(name='{alice.name}')\n"
            "connections.disconnect_people(here.values('pk'))\n"
            f"Session.objects.filter(pk='{bob.session_key}').delete()\n"
            f"connections.disconnect(session_key='{bob.session_key}')\n"
            f"User.objects.filter(username='{carol.name}').update(is_active=False)\n"
            f"connections.disconnect(user_id=User.objects.get(username='{carol.name}').pk)\n",
        )
        assert (await alice.until_closed())[0] == 4403
        assert alice.frames[-1]["code"] == "removed"
        assert (await bob.until_closed())[0] == 4401
        assert (await carol.until_closed())[0] == 4401
        assert (await carol.enter())["code"] == "sign_in"

    run_journey(journey(*members(3)))


def test_a_removed_message_has_no_text_in_the_history_of_either_door(server, members):
    async def journey(alice):
        guest = TextMember(server, "grace")
        await alice.enter()
        await guest.enter()
        await alice.say("kept")
        line = await alice.say("regrettable")
        await guest.until("regrettable\n")
        await asyncio.to_thread(
            server.manage,
            "shell",
            "-v0",
            "-c",
            "from chat.models import *\nfrom chat.room import removing\n"
            f"removing.remove(1, [{line['seq']}], User.objects.get(username='{alice.name}'))",
        )
        removal = await alice.until_line(lambda line: line["kind"] == "removed")
        assert removal["of"] == line["seq"]
        page = await alice.ask("history", before=line["seq"] + 1, limit=1)
        assert (page["lines"][0]["text"], page["lines"][0]["removed"]) == ("", True)
        assert "regrettable" not in await guest.ask("history 1", "kept\n")
        await alice.leave()
        await guest.leave()

    run_journey(journey(members(1)))


def test_a_guest_and_a_member_talk_with_each_other(server, members):
    async def journey(alice):
        guest = TextMember(server, "carol")
        await alice.enter()
        assert await guest.enter() == "Login Success"
        entered = await alice.until_line(lambda line: line["name"] == "carol")
        assert (entered["kind"], entered["guest"]) == ("entered", True)
        await guest.say("hello web")
        heard = await alice.until_said("hello web")
        assert (heard["guest"], heard["client_id"]) == (True, None)
        await alice.say("hello\ntelnet")
        await guest.until(f"{alice.name}: hello\n{alice.name}: telnet\n")
        assert f"{alice.name}\n" in await guest.ask("look", "carol\n")
        await guest.leave()
        await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == "carol")
        await alice.leave()

    run_journey(journey(members(1)))


def test_formatting_comes_with_a_message_and_with_its_edit_and_terminals_see_what_was_typed(
    server, members
):
    async def journey(alice):
        guest = TextMember(server, "carol")
        await alice.enter()
        await guest.enter()
        line = await alice.say(f"**hi** @{alice.name}")
        assert line["spans"] == [
            [0, 2, "escape"],
            [2, 2, "bold"],
            [4, 2, "escape"],
            [7, len(alice.name) + 1, "mention", alice.name],
        ]
        await guest.until(f"{alice.name}: **hi** @{alice.name}\n")
        await guest.say("/me *waves*")
        heard = await alice.until_said("/me *waves*")
        assert [5, 5, "italic"] in heard["spans"]
        await guest.until("carol: /me *waves*\n")
        await alice.send(type="edit", seq=line["seq"], text="`hi`")
        edited = await alice.until_line(lambda line: line["kind"] == "edited")
        assert edited["spans"] == [[0, 1, "escape"], [1, 2, "code"], [3, 1, "escape"]]
        await guest.until(": `hi`\n")
        await guest.leave()
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_guest_cannot_take_the_name_of_an_account(server, members):
    async def journey(alice):
        for name in (alice.name, f"{alice.name} secret", alice.name.upper()):
            guest = TextMember(server, name)
            assert await guest.enter() == "UserName Exis"  # ..t: one byte longer than success
            await guest.leave()

    run_journey(journey(members(1)))


def test_a_member_whose_connection_is_lost_leaves_after_the_grace(server, members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        bob.socket.transport.abort()
        await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == bob.name)
        await alice.leave()

    run_journey(journey(*members(2)))
    wait_until(lambda: server.is_alive, "the server has ended")
