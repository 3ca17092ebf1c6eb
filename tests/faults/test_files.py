"""Servers are killed, or Redis is away, while somebody sends files and says them."""

import asyncio
import http.client
import json
from uuid import uuid4

import pytest

from tests.faults.readiness import until_ready, until_wrong
from tests.support.delivery import web_members, whole_log
from tests.support.form_browser import FormBrowser
from tests.support.pictures import picture
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

PATH = "/r/lobby/files/"


class Sender:
    """A member who sends files by HTTP and says them on the WebSocket."""

    def __init__(self, server, name="sender"):
        (self.member,) = web_members(server, 1, name)
        self.browser = FormBrowser(server, self.member.session_key)
        self.token = self.browser.token(PATH)

    def connect(self):
        return http.client.HTTPConnection(HOST, self.member.server.web_port, timeout=60)

    def headers(self, name):
        cookies = "; ".join(f"{key}={value}" for key, value in self.browser.cookies.items())
        own = {"Cookie": cookies, "Origin": self.member.server.url, "X-CSRFToken": self.token}
        return {**own, "X-File-Name": name, "Content-Type": "application/octet-stream"}

    def send_file(self, name, content):
        connection = self.connect()
        connection.request("POST", PATH, content, self.headers(name))
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        return json.loads(answer.read())

    def begin_file(self, name, length):
        """Send the head of a file and the half of its body. Return the connection."""
        connection = self.connect()
        connection.putrequest("POST", PATH)
        for header, value in {**self.headers(name), "Content-Length": str(length)}.items():
            connection.putheader(header, value)
        connection.endheaders(bytes(length // 2))
        return connection

    def read_file(self, file):
        connection = self.connect()
        connection.request("GET", file["url"], headers=self.headers(""))
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()


def orphans(server):
    """Return the contents in the folder of files that belong to no row."""
    script = "from chat.models import Upload; print([*Upload.objects.values_list('pk', flat=True)])"
    known = server.manage("shell", "-v0", "-c", script)
    stored = [path.name for path in (server.folder / "files").rglob("*") if path.is_file()]
    return [name for name in stored if name.partition(".")[0] not in known]


def test_a_file_is_there_once_whenever_the_server_is_killed(tmp_path):
    trigger = tmp_path / "now"

    async def scenario(server):
        sender = await asyncio.to_thread(Sender, server)
        member, content = sender.member, picture()
        await member.enter()

        # While the file comes.
        half = await asyncio.to_thread(sender.begin_file, "half.jpg", 2 << 20)
        await restart(server)
        half.close()
        await member.resume()

        # After the file has come, and before it is said.
        photo = await asyncio.to_thread(sender.send_file, "photo.jpg", content)
        notes = await asyncio.to_thread(sender.send_file, "notes.txt", b"hello")
        await restart(server)
        await member.resume()

        # After it was said, and before anybody knows.
        frame = {"type": "say", "text": "", "client_id": str(uuid4())}
        frame["files"] = [photo["id"], notes["id"]]
        trigger.touch()
        await member.send(**frame)
        await asyncio.to_thread(wait_until, lambda: not server.is_alive, "the server lives on")
        trigger.unlink()
        await asyncio.to_thread(server.start)
        await member.resume()
        await member.send(**frame)
        await member.until_line(lambda line: line["client_id"] == frame["client_id"])

        log = await whole_log(member)
        said = [line for line in log if line["kind"] == "said"]
        assert [line["client_id"] for line in said] == [frame["client_id"]]
        assert said[0]["files"] == [photo, notes]
        assert await asyncio.to_thread(sender.read_file, notes) == b"hello"
        assert len(await asyncio.to_thread(sender.read_file, photo)) == photo["size"]
        again = {**frame, "client_id": str(uuid4())}
        await member.send(**again)
        refusal = await member.until_frame(lambda each: each["type"] == "error")
        assert refusal["code"] == "no_file"
        await member.leave()

    async def restart(server):
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)

    with Server("serve", REDIS_URL="", CHATSITE_FAILPOINT=f"committed={trigger}") as server:
        asyncio.run(asyncio.wait_for(scenario(server), 150))
        assert orphans(server) == []
        assert "is sound" in server.manage("check_database")
        server.assert_no_traceback()


def test_a_file_that_is_said_while_redis_is_away_arrives_once_on_both_servers(
    database, own_redis, tmp_path
):
    async def scenario(*servers):
        sender = await asyncio.to_thread(Sender, servers[0])
        reader = await asyncio.to_thread(Sender, servers[1], "reader")
        members = [sender.member, reader.member]
        for member in members:
            await member.enter()
        await until_ready(servers)
        own_redis.kill()
        await until_wrong(servers, "bus")

        photo = await asyncio.to_thread(sender.send_file, "photo.jpg", picture())
        frame = {"type": "say", "text": "", "client_id": str(uuid4()), "files": [photo["id"]]}
        for _ in range(2):  # as a page does that has heard no answer
            await members[0].send(**frame)
        for member in members:
            await member.until_line(lambda line: line["client_id"] == frame["client_id"])
        assert len(await asyncio.to_thread(reader.read_file, photo)) == photo["size"]

        own_redis.start()
        await until_ready(servers)
        await members[1].say("the end")
        for member in members:
            await member.until_said("the end")
            said = [line for line in member.lines if line["kind"] == "said"]
            assert [(line["text"], line.get("files")) for line in said] == [
                ("", [photo]),
                ("the end", None),
            ]
            await member.leave()

    shared = {"DATABASE_URL": database, "REDIS_URL": own_redis.url}
    shared["UPLOAD_ROOT"] = str(tmp_path / "files")
    with (
        Server("serve", migrated=True, **shared) as first,
        Server("serve", migrated=True, **shared) as second,
    ):
        asyncio.run(asyncio.wait_for(scenario(first, second), 150))
        for server in (first, second):
            server.assert_no_traceback()
