"""The website's socket, as the table of frames in chat/wire/README.md promises it."""

import asyncio
import json
from itertools import islice
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.clients import TextMember, WebMember, handshake
from tests.support.delivery import web_members, whole_log
from tests.support.servers import Server
from tests.support.waiting import wait_until

CLIENT_ID = "c0ffee00-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def server():
    with Server(CSRF_TRUSTED_ORIGINS="https://chat.example.org,https://*.example.net") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def strangers(server):
    """More signed-in members than all tests here need together."""
    return iter(web_members(server, 100))


@pytest.fixture
def members(strangers):
    """Gives signed-in members whom no other test has."""

    def take(number):
        taken = list(islice(strangers, number))
        return taken[0] if number == 1 else taken

    return take


def assert_heard(member, log):
    """Every line from entering on, once, in order; more may have come since the log was read."""
    last = log[-1]["seq"]
    assert [line for line in member.lines if line["seq"] <= last] == log[member.entered :]


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def test_the_welcome_says_where_one_is(members):
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

    run(journey(members(1)))


def test_what_is_said_comes_back_with_its_client_id(members):
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

    run(journey(members(1)))


def test_a_retry_of_what_was_seen_is_answered_with_its_number(members):
    async def journey(alice):
        await alice.enter()
        client_id = str(uuid4())
        line = await alice.say("once", client_id)
        await alice.send(type="say", text="once", client_id=client_id)
        answer = await alice.until_frame(lambda frame: frame["type"] == "said")
        assert answer == {"type": "said", "client_id": client_id, "seq": line["seq"]}
        assert [line["text"] for line in alice.lines].count("once") == 1
        await alice.leave()

    run(journey(members(1)))


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
def test_after_an_error_the_connection_lives_on(members, sent, code):
    async def journey(alice):
        await alice.enter()
        await alice.socket.send(sent)
        error = await alice.until_frame(lambda frame: frame["type"] == "error")
        assert error["code"] == code
        assert error["text"]
        await alice.say("still here")
        await alice.leave()

    run(journey(members(1)))


def test_history_is_given_in_pages_of_at_most_a_hundred(members):
    async def journey(alice):
        await alice.enter()
        for number in range(120):
            await alice.say(f"m{number}")
        last = alice.lines[-1]["seq"]
        page = await alice.ask("history", before=last + 1, limit=1000)
        assert [line["seq"] for line in page["lines"]] == list(range(last - 99, last + 1))
        assert page["more"] is True
        first = await alice.ask("history", before=2, limit=10)
        assert [line["seq"] for line in first["lines"]] == [1]
        assert first["more"] is False
        nothing = await alice.ask("history", before=0, limit=10)
        assert (nothing["lines"], nothing["more"]) == ([], False)
        far = await alice.ask("history", before=2**63 - 1, limit=1)
        assert last <= far["lines"][0]["seq"] <= alice.lines[-1]["seq"]
        await alice.leave()

    run(journey(members(1)))


def test_who_comes_back_gets_what_was_said_meanwhile_once_and_is_not_announced(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        await alice.say("before")
        await bob.until_said("before")
        await bob.leave()
        for number in range(60):
            await alice.say(f"missed {number}")
        welcome = await bob.resume()
        assert welcome["reset"] is False
        missed = [line["text"] for line in welcome["lines"] if line["kind"] == "said"]
        assert missed == [f"missed {n}" for n in range(60)]
        await alice.say("after")
        await bob.until_said("after")
        log = await whole_log(bob)
        assert_heard(bob, log)
        assert all(line["name"] != bob.name for line in log[bob.entered :])
        await alice.leave()
        await bob.leave()

    run(journey(*members(2)))


def test_whoever_asks_for_much_gets_it_in_bounded_frames(members):
    """The longest texts that there are: a welcome or a page of them would have megabytes."""

    async def journey(alice, bob, carol):
        await alice.enter()
        await bob.enter()
        await bob.leave()
        for number in range(60):
            await alice.say(f"{number}" + "🙂" * 3900)
        last = alice.lines[-1]["seq"]
        welcome = await bob.resume()
        assert size(welcome) < FITTING
        assert (welcome["reset"], welcome["lines"][-1]["seq"]) == (False, welcome["seq"])
        assert welcome["seq"] < last
        await bob.until_line(lambda line: line["seq"] == last)
        first = (await carol.enter())["lines"]
        assert size(first) < FITTING
        assert first[-1]["seq"] == carol.entered
        page = await alice.ask("history", before=last + 1, limit=100)
        assert size(page) < FITTING
        assert page["more"] is True
        assert page["lines"][-1]["seq"] == last
        log = await whole_log(bob)
        assert_heard(bob, log)
        for member in (alice, bob, carol):
            await member.leave()

    run(journey(*members(3)))


def test_a_guest_who_asks_for_much_gets_the_newest_of_it(server, members):
    async def journey(alice):
        await alice.enter()
        for number in range(40):
            await alice.say(f"{number}" + "🙂" * 3900)
        guest = TextMember(server, "much-asker")
        await guest.enter()
        before = len(guest.text)
        guest.write("history 200")
        guest.write("nonsense")
        await guest.until("nonsense", before)
        answer = guest.text[before:]
        assert answer.count("🙂" * 3900) == 16
        assert f"{alice.name}: 39🙂" in answer
        await guest.leave()
        await alice.leave()

    run(journey(members(1)))


FITTING = 300_000  # bytes


def size(frame):
    return len(json.dumps(frame, ensure_ascii=False).encode())


@pytest.mark.parametrize("after", ["999999999", "0", "-1", "x", "9" * 5000, "1.5", "٣"])
def test_an_after_that_cannot_be_served_begins_anew(members, after):
    async def journey(alice):
        await alice.enter()
        for number in range(51):
            await alice.say(str(number))
        await alice.leave()
        welcome = await alice.enter(after=after)
        too_far = after != "0" or welcome["seq"] > 500
        assert welcome["reset"] is too_far
        assert len(welcome["lines"]) == (50 if too_far else welcome["seq"])
        assert welcome["lines"][-1]["seq"] == welcome["seq"]
        await alice.leave()

    run(journey(members(1)))


def test_who_is_not_signed_in_is_told_and_closed(server):
    async def journey(visitor):
        bye = await visitor.enter(cookie=False)
        assert bye == {"type": "bye", "code": "sign_in", "retry_in": None}
        with pytest.raises(Exception, match="4401"):
            await visitor.socket.recv()

    run(journey(WebMember(server, "nobody", "")))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "null",
        "http://[",
        "https://example.net",
        "http://chat.example.org",
    ],
)
def test_pages_of_others_cannot_open_the_socket(server, members, origin):
    async def journey(alice):
        with pytest.raises(InvalidStatus) as refused:
            await alice.enter(origin=origin.format(port=server.web_port))
        assert refused.value.response.status_code in (400, 403)  # 400: Daphne cannot read it

    run(journey(members(1)))


@pytest.mark.parametrize("origin", ["https://chat.example.org", "https://a.b.example.net"])
def test_trusted_pages_of_others_can(members, origin):
    async def journey(alice):
        assert (await alice.enter(origin=origin))["type"] == "welcome"
        await alice.leave()

    run(journey(members(1)))


def test_a_client_without_an_origin_is_refused(server):
    assert handshake(server) == 403
    assert handshake(server, Origin=server.url) == 101


@pytest.mark.parametrize("name", ["Sec_WebSocket_Protocol", "Daphne_Root_Path"])
def test_headers_that_make_no_sense_are_passed_over(server, name):
    assert handshake(server, Origin=server.url, **{name: "%ff/\N{GRINNING FACE}"}) == 101


def test_a_page_of_a_host_that_is_not_ours_is_refused(server):
    # DNS may say that any name is this address.
    host = f"evil.example:{server.web_port}"
    assert handshake(server, Host=host, Origin=f"http://{host}") == 403


def test_logging_out_leaves_at_once_and_closes_with_1000(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        await bob.send(type="logout")
        assert (await bob.until_closed())[0] == 1000
        assert bob.frames[-1] == {"type": "bye", "code": "logout", "retry_in": None}
        await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == bob.name)
        await alice.leave()

    run(journey(*members(2)))


def test_logging_out_after_a_reload_leaves_at_once_too(members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        await bob.leave()
        await bob.resume()
        await bob.send(type="logout")
        async with asyncio.timeout(3):
            await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == bob.name)
        await alice.leave()

    run(journey(*members(2)))


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

    run(journey(members(1)))


def test_the_ends_of_a_connection_from_outside_are_told_apart(server, members):
    def on_the_server(code):
        server.manage("shell", "-v0", "-c", f"from chat.models import *\n{code}")

    async def journey(alice, bob, carol):
        for member in (alice, bob, carol):
            await member.enter()
        await asyncio.to_thread(
            on_the_server,
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

    run(journey(*members(3)))


def test_a_removed_message_becomes_a_tombstone_for_those_who_come_and_those_who_are_here(
    server, members
):
    async def journey(alice):
        guest = TextMember(server, "grace")
        await alice.enter()
        await guest.enter()
        line = await alice.say("regrettable")
        await guest.until("regrettable\n")
        await asyncio.to_thread(
            server.manage,
            "shell",
            "-v0",
            "-c",
            "from chat.models import *\nfrom chat.room import transcript\n"
            f"transcript.remove(1, [{line['seq']}], User.objects.get(username='{alice.name}'))",
        )
        removal = await alice.until_line(lambda line: line["kind"] == "removed")
        assert removal["of"] == line["seq"]
        page = await alice.ask("history", before=line["seq"] + 1, limit=1)
        assert (page["lines"][0]["text"], page["lines"][0]["removed"]) == ("", True)
        assert "regrettable" not in await guest.ask("history 1", "\n")
        await alice.leave()
        await guest.leave()

    run(journey(members(1)))


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

    run(journey(members(1)))


def test_nobody_comes_in_under_the_name_of_an_account_by_the_legacy_port(server, members):
    async def journey(alice):
        for name in (alice.name, f"{alice.name} secret", alice.name.upper()):
            guest = TextMember(server, name)
            assert await guest.enter() == "UserName Exis"  # ..t: one byte longer than success
            await guest.leave()

    run(journey(members(1)))


def test_a_lost_connection_is_announced_after_the_grace_once(server, members):
    async def journey(alice, bob):
        await alice.enter()
        await bob.enter()
        bob.socket.transport.abort()
        await alice.until_line(lambda line: line["kind"] == "left" and line["name"] == bob.name)
        await alice.leave()

    run(journey(*members(2)))
    wait_until(lambda: server.is_alive, "the server has ended")


def test_an_address_that_there_is_not_is_refused_without_a_traceback(server):
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{server.url}/static/../chatsite/settings.py")
    assert handshake(server, path="/ws/elsewhere/", Origin=server.url) == 403
