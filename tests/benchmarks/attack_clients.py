"""The attackers of the benchmark `attacks`: each is one client of one address that never gives up.

    python -m tests.benchmarks.attack_clients '{"attack": NAME, "url": ..., ...}'

runs one attack until it is killed, and prints a line when it has begun. An attacker is a coroutine
function. It is started again when it ends, as when the server closes its connection.
"""

import asyncio
import json
import os
import sys
from base64 import b64encode
from contextlib import suppress
from itertools import count
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import uvloop

from tests.support.ports import HOST
from tests.support.strangers import ATTACKER, masked

LOWEST_PRIORITY = 19  # so that the attack does not take processor time from the calm member
PAUSE_AFTER_FAILURE = 0.05  # seconds
CHUNK = b"x" * 65536
EMOJI = "\N{GRINNING FACE}" * 4000
BOMB = 400_000_000  # bytes of a body
UNFINISHED = 900_000  # bytes of a message
MANY_CONNECTIONS = 300

names = count()


# Connections


async def connect(port):
    return await asyncio.open_connection(HOST, port, local_addr=(ATTACKER, 0))


async def read_all(reader):
    """Read what comes until the server closes the connection; return what came last."""
    last = b""
    while data := await reader.read(65536):
        last = data
    return last


async def request(target, method, path, body="", **headers):
    """Make one request on a new connection, and return the answer."""
    fields = {"Host": target.host, "Connection": "close", **headers}
    if body:
        fields["Content-Type"] = "application/x-www-form-urlencoded"
        fields["Content-Length"] = len(body)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    reader, writer = await connect(target.web_port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode())
        return await reader.read(-1)
    finally:
        writer.transport.abort()


async def open_web_socket(target, cookie=None):
    reader, writer = await connect(target.web_port)
    key = b64encode(os.urandom(16)).decode()
    session = f"Cookie: sessionid={cookie}\r\n" if cookie else ""
    writer.write(
        f"GET /ws/room/ HTTP/1.1\r\nHost: {target.host}\r\nOrigin: {target.url}\r\n{session}"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    return reader, writer


async def write_for_ever(reader, writer, make):
    """Write what `make()` returns, again and again, and discard what comes."""
    reading = asyncio.ensure_future(read_all(reader))
    try:
        while not reading.done():
            writer.write(make())
            await writer.drain()
            await asyncio.sleep(0)
    finally:
        reading.cancel()
        writer.transport.abort()


# Attackers on HTTP


async def post_form(target, path, fields):
    page = await request(target, "GET", path)
    token = page.partition(b"csrftoken=")[2].partition(b";")[0].decode()
    body = urlencode({"csrfmiddlewaretoken": token, **fields})
    cookie = f"csrftoken={token}"
    await request(target, "POST", path, body, Cookie=cookie, Origin=target.url)


async def sign_in(target):
    fields = {"username": f"nobody{next(names)}", "password": "a wrong password"}
    await post_form(target, "/accounts/login/", fields)


async def reset_password(target):
    await post_form(target, "/accounts/reset/", {"email": f"nobody{next(names)}@example.org"})


async def be_silent_on_http(target):
    reader, _ = await connect(target.web_port)
    await read_all(reader)


async def send_half_a_header(target):
    reader, writer = await connect(target.web_port)
    writer.write(f"GET / HTTP/1.1\r\nHost: {target.host}\r\nX-More: ".encode())
    await read_all(reader)


async def send_half_a_body(target):
    reader, writer = await connect(target.web_port)
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: 999\r\n\r\n"
    writer.write(head.encode() + b"username")
    await read_all(reader)


async def pipeline(target):
    requests = f"GET /accounts/login/ HTTP/1.1\r\nHost: {target.host}\r\n\r\n".encode() * 200
    await write_for_ever(*await connect(target.web_port), lambda: requests)


async def read_pages(target):
    """Ask for one page after the other on one connection."""
    reader, writer = await connect(target.web_port)
    asked = f"GET /accounts/login/ HTTP/1.1\r\nHost: {target.host}\r\n\r\n".encode()
    while not reader.at_eof():
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)


async def post_much(target):
    reader, writer = await connect(target.web_port)
    writer.write(
        f"POST /nope HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: {BOMB}\r\n\r\n".encode()
    )
    await write_for_ever(reader, writer, lambda: CHUNK)


async def post_chunks(target):
    reader, writer = await connect(target.web_port)
    writer.write(
        f"POST /nope HTTP/1.1\r\nHost: {target.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    chunk = b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK)
    await write_for_ever(reader, writer, lambda: chunk)


# Attackers on WebSockets


async def send_a_handshake_that_nobody_reads(target):
    reader, writer = await connect(target.web_port)
    writer.write(
        f"GET /ws/room/ HTTP/1.1\r\nHost: {target.host}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nUser-Agent: \x01\r\n\r\n".encode()
    )
    await read_all(reader)


async def be_silent_on_a_page(target):
    reader, _ = await open_web_socket(target)
    await read_all(reader)


async def open_a_page(target):
    reader, _ = await open_web_socket(target, target.cookies[0])
    await read_all(reader)


async def leave_a_message_unfinished(target):
    reader, writer = await open_web_socket(target, target.cookies[next(names) % 2])
    writer.write(masked("TEXT", b"x" * UNFINISHED, fin=False))
    await read_all(reader)


async def flood_a_page(target):
    reader, writer = await open_web_socket(target, target.cookies[0])
    await reader.readuntil(b"welcome")

    def frames():
        said = [
            json.dumps({"type": "say", "text": text, "client_id": str(uuid4())}).encode()
            for text in (*["x" * 20] * 20, EMOJI)
        ]
        others = [b'{"type": "look"}', b"bad", b'{"type": "history", "before": 9999}']
        texts = b"".join(masked("TEXT", text) for text in (*said, *others))
        return texts + masked("PING", b"x" * 100) * 10

    await write_for_ever(reader, writer, frames)


# Attackers on the legacy port


async def be_silent_on_the_legacy_port(target):
    reader, _ = await connect(target.legacy_port)
    await read_all(reader)


async def leave_a_line_unfinished(target):
    reader, writer = await connect(target.legacy_port)
    writer.write(b"x" * 32_000)
    await read_all(reader)


async def flood_as_guest(target):
    reader, writer = await connect(target.legacy_port)
    writer.write(f"login flooder {letters(next(names))}\n".encode())
    lines = f"{'say ' + 'x' * 20}\n" * 20 + f"say {EMOJI}\nlook \n\nbad\nhistory 200\n"
    data = lines.encode()
    await write_for_ever(reader, writer, lambda: data)


async def come_and_go(target):
    reader, writer = await connect(target.legacy_port)
    refused = "login admin\nlogin  \n" * 5
    writer.write(f"{refused}login passer {letters(next(names))}\nlogout\n".encode())
    await read_all(reader)


def letters(number):
    """Return a number in letters: names with digits may look alike."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


# Name of an attack -> its attackers, and how many of each there are.
ATTACKS = {
    "no attack": {},
    "sign-ins with invented names": {sign_in: 16},
    "password resets": {reset_password: 16},
    "connections without a request, half headers and bodies": {
        be_silent_on_http: MANY_CONNECTIONS,
        send_half_a_header: MANY_CONNECTIONS,
        send_half_a_body: MANY_CONNECTIONS,
    },
    "pipelined requests": {pipeline: 4},
    "requests for pages": {read_pages: 60},
    "bodies of 400 MB, plain and chunked": {post_much: 4, post_chunks: 4},
    "silent pages that are not signed in": {be_silent_on_a_page: MANY_CONNECTIONS},
    "handshakes that cannot be read": {send_a_handshake_that_nobody_reads: MANY_CONNECTIONS},
    "silent connections of the legacy port": {be_silent_on_the_legacy_port: MANY_CONNECTIONS},
    "200 pages of one account": {open_a_page: 200},
    "unfinished messages and lines": {
        leave_a_message_unfinished: 40,
        leave_a_line_unfinished: 60,
    },
    "a flood from guests": {flood_as_guest: 8},
    "a flood from pages of one member": {flood_a_page: 8},
    "guests who come and go, and refused logins": {come_and_go: 8},
}


async def persist(attacker, target):
    """Attack again and again."""
    while True:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await attacker(target)
        await asyncio.sleep(PAUSE_AFTER_FAILURE)


def target(order):
    """Return the site to attack, with what `attacks.order` says about it."""
    return SimpleNamespace(**order, host=urlsplit(order["url"]).netloc)


async def attack(target):
    attackers = ATTACKS[target.attack].items()
    waves = [persist(attacker, target) for attacker, number in attackers for _ in range(number)]
    tasks = [asyncio.ensure_future(wave) for wave in waves]
    await asyncio.sleep(0)
    print("begun", flush=True)
    await asyncio.gather(*tasks)


def main():
    os.nice(LOWEST_PRIORITY)
    uvloop.run(attack(target(json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
