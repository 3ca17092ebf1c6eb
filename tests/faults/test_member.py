"""A member of the harness reconnects, resumes and sends again as the page does."""

import asyncio
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from tests.faults import reconnecting
from tests.faults.member import ClientMember
from tests.faults.waiting import until
from tests.support.ports import HOST

ENTERED = {"seq": 1, "kind": "entered", "name": "alice", "text": "", "client_id": None}
LOBBY = {"id": 1, "read": 1}
WELCOME = {"type": "welcome", "seq": 1, "people": [], "lines": [ENTERED], "reset": False}
WELCOME["rooms"] = [LOBBY]


class ScriptedServer:
    """A server that welcomes everybody, and sends what a test tells it."""

    def __init__(self):
        self.paths = []  # of each handshake
        self.writer = None

    async def serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.paths.append(head.split()[1].decode())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self.writer = writer
        resumed = "after" in self.paths[-1]
        self.send(WELCOME | {"lines": []} if resumed else WELCOME)
        self.received = b""
        while data := await reader.read(1 << 16):
            self.received += data

    def send(self, frame):
        data = json.dumps(frame).encode()
        self.writer.write(b"\x81\x7e" + len(data).to_bytes(2, "big") + data)

    def close(self, code):
        self.writer.write(b"\x88\x02" + code.to_bytes(2, "big"))


@asynccontextmanager
async def member_on_a_server():
    """A member that has entered, and the `ScriptedServer` to which it is connected."""
    scripted = ScriptedServer()
    async with await asyncio.start_server(scripted.serve, HOST, 0) as server:
        place = SimpleNamespace(web_port=server.sockets[0].getsockname()[1])
        member = ClientMember("alice", "key", [place])
        await member.enter()
        try:
            yield member, scripted
        finally:
            await member.vanish()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(reconnecting, "FIRST_RECONNECT_PAUSE", 0.01)


def test_a_member_resumes_after_its_last_line():
    async def scenario():
        async with member_on_a_server() as (member, server):
            server.writer.transport.abort()
            await until(lambda: len(member.welcomes) == 2, "it did not reconnect")
            assert server.paths == ["/ws/room/", "/ws/room/?after=1"]
            assert [(end.code, end.last) for end in member.ends] == [(1006, 1)]
            assert member.complaints == []

    asyncio.run(scenario())


def test_a_message_without_an_answer_is_sent_again_under_its_id():
    async def scenario():
        async with member_on_a_server() as (member, server):
            message = member.say("hello")
            identity = message.client_id.encode()
            await until(lambda: identity in server.received, "it was not sent")
            server.writer.transport.abort()
            await until(lambda: len(member.welcomes) == 2, "it did not reconnect")
            await until(lambda: identity in server.received, "it was not sent again")
            server.send({"type": "said", "client_id": message.client_id, "seq": 2})
            await until(lambda: message.acknowledged_at, "it was not acknowledged")
            assert (message.seq, member.outbox.waiting) == (2, [])

    asyncio.run(scenario())


def test_a_member_stays_away_when_it_is_told_to():
    async def scenario():
        async with member_on_a_server() as (member, server):
            server.send({"type": "bye", "code": "sign_in", "retry_in": None})
            server.close(4401)
            await until(lambda: member.over, "it did not notice")
            assert member.sent_away == "sign_in, 4401"
            assert member.ends[0].bye["code"] == "sign_in"

    asyncio.run(scenario())


def test_a_message_of_somebody_who_is_muted_is_not_sent_again():
    async def scenario():
        async with member_on_a_server() as (member, server):
            muted, next_one = member.say("one"), member.say("two")
            await until(lambda: muted.client_id.encode() in server.received, "it was not sent")
            server.send({"type": "error", "code": "muted", "client_id": muted.client_id})
            await until(lambda: next_one.client_id.encode() in server.received, "it has stopped")
            assert (muted.refused, muted.acknowledged_at) == ("muted", None)
            assert member.outbox.waiting == [next_one.client_id]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("bye", "shortest", "longest"),
    [
        ({"code": "restart", "retry_in": 4}, 4, 6),
        ({"code": "too_many", "retry_in": None}, 30, 45),
        (None, 0.01, 0.02),
    ],
)
def test_the_pause_before_reconnecting_is_the_servers_or_grows(bye, shortest, longest):
    member = ClientMember("alice", "key", [])
    if bye:
        member.receive({"type": "bye", **bye})
    assert shortest <= member.pause_after(4012) <= longest
