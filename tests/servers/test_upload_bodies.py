"""The bodies of requests that send files: from whom they are taken, how many, and how slowly."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from chat.servers import upload_bodies
from chat.servers.upload_bodies import AT_ONCE_OF_ACCOUNT, PIECE, UploadBodies
from tests.support.http import on_uvloop, post, serving
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

PATH = "/r/lobby/files/"
MEGABYTE = 1 << 20


class Users:
    """The login sessions of alice and bob, by their keys."""

    async def get(self, key):
        return {"alice": SimpleNamespace(pk=1), "bob": SimpleNamespace(pk=2)}.get(key)


@pytest.fixture(autouse=True)
def users(monkeypatch):
    async def current():
        return SimpleNamespace(users=Users())

    monkeypatch.setattr(upload_bodies.process, "current", current)


def head(length, person="alice", path=PATH, more=b""):
    cookie = f"Cookie: sessionid={person}\r\n".encode() if person else b""
    return post(length, path, cookie + more)


@asynccontextmanager
async def site(**limits):
    """Serve an application behind `UploadBodies`; gives the `Site`, which has it as `uploads`."""
    async with serving(**limits) as site:
        site.uploads = UploadBodies(site.application)
        site.worker.config.loaded_app = site.uploads
        yield site


@on_uvloop
async def test_a_large_file_reaches_the_application_whole(settings):
    settings.UPLOAD_MB = 3
    body = bytes(range(256)) * (3 * MEGABYTE // 256)
    async with site() as one:
        assert (await one.answer(head(len(body)) + body)).body == str(len(body)).encode()
        assert one.application.requests == [("POST", PATH, body)]
        assert not +one.uploads.receiving


@pytest.mark.parametrize("person", ["", "nobody"])
@on_uvloop
async def test_nothing_is_read_from_people_who_are_not_signed_in(person):
    async with site() as one:
        client = await one.connect()
        await client.send(head(5 * MEGABYTE, person))
        assert (await client.response()).status == 403
        for _ in range(5):  # a client that sends all the same is not reset before it has read that
            await client.send(bytes(MEGABYTE))
        await client.until_closed()
        assert one.application.requests == []


@on_uvloop
async def test_a_file_that_is_too_large_is_refused_by_its_length(settings):
    settings.UPLOAD_MB = 1
    async with site() as one:
        assert (await one.answer(head(2 * MEGABYTE))).status == 413
        chunked = head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        assert (await one.answer(chunked)).status == 411
        assert one.application.requests == []


@pytest.mark.parametrize(
    "path", ["/r/lobby/", "/files/abc/", "/r/lobby/files", "/x/r/lobby/files/"]
)
@on_uvloop
async def test_other_addresses_take_no_large_bodies(path):
    async with site() as one:
        assert (await one.answer(head(MEGABYTE + 1, path=path))).status == 413


async def begin(one, person="alice"):
    """Return a client that has sent a part of a file, once the site waits for the rest."""
    before = one.uploads.receiving.total()
    client = await one.connect()
    await client.send(head(2, person) + b"1")
    await one.until(lambda: one.uploads.receiving.total() > before)
    return client


@on_uvloop
async def test_one_person_sends_a_few_files_at_the_same_time():
    async with site() as one:
        clients = [await begin(one) for _ in range(AT_ONCE_OF_ACCOUNT)]
        refused = await one.answer(head(2) + b"12")
        assert (refused.status, "retry-after" in refused.headers) == (503, True)
        assert (await one.answer(head(2, "bob") + b"12")).status == 200
        await clients[0].send(b"2")
        assert (await clients[0].response()).body == b"2"
        await one.until(lambda: one.uploads.receiving.total() < AT_ONCE_OF_ACCOUNT)
        assert (await one.answer(head(2) + b"12")).status == 200


@on_uvloop
async def test_all_people_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(upload_bodies, "AT_ONCE", 1)
    async with site() as one:
        await begin(one)
        assert (await one.answer(head(2, "bob") + b"12")).status == 503


@on_uvloop
async def test_a_client_that_has_gone_gives_its_place_back():
    async with site() as one:
        client = await begin(one)
        client.writer.transport.abort()
        await one.until(lambda: not one.uploads.receiving.total())
        client = await begin(one)
        client.writer.write_eof()
        await one.until(lambda: not one.uploads.receiving.total())
        assert one.application.requests == []


@on_uvloop
async def test_a_client_that_stalls_is_told_so(monkeypatch):
    monkeypatch.setattr(upload_bodies, "STALLED", 0.2)
    async with site() as one:
        client = await one.connect()
        await client.send(head(2) + b"1")
        assert (await client.response()).status == 408
        await client.until_closed()
        assert one.application.requests == []


@on_uvloop
async def test_a_client_that_trickles_is_told_so(monkeypatch):
    monkeypatch.setattr(upload_bodies, "SLOWEST", 1 << 40)
    monkeypatch.setattr(upload_bodies, "STALLED", 0.2)
    async with site() as one:
        client = await one.connect()
        await client.send(head(MEGABYTE))
        answered = asyncio.ensure_future(client.response())
        async with asyncio.timeout(PATIENCE):
            while not answered.done():
                await client.send(b"x")
                await asyncio.sleep(0.01)  # the pace of the client
        assert answered.result().status == 408


@on_uvloop
async def test_the_network_holds_back_what_the_site_does_not_take_yet(monkeypatch):
    """A client cannot fill the memory while the disk is slow."""
    taken, allowed = [], asyncio.Event()

    async def slowly(function, *args):
        if args and isinstance(args[0], bytes):
            taken.append(len(args[0]))
            await allowed.wait()
        return function(*args)

    monkeypatch.setattr(upload_bodies.asyncio, "to_thread", slowly)
    monkeypatch.setattr(upload_bodies, "STALLED", PATIENCE)
    async with site() as one:
        client = await one.connect()
        await client.send(head(8 * MEGABYTE))
        sending = asyncio.ensure_future(client.send(bytes(8 * MEGABYTE)))
        await one.until(lambda: taken)
        (connection,) = one.connections
        await one.until(lambda: connection.flow.read_paused)
        assert taken[0] < 2 * PIECE
        assert len(connection.cycle.body) < 2 * PIECE
        allowed.set()
        await sending
        assert (await client.response()).body == str(8 * MEGABYTE).encode()
