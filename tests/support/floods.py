"""For tests of floods: a server with small limits, and clients at several addresses."""

import time
from itertools import count

from tests.support.clients import TextMember
from tests.support.servers import Server

MACHINE = 30  # seconds more, because the machine runs other tests too
GONE_WITHIN = 1 + MACHINE  # seconds after the end of a connection
HERE, THERE = "127.0.0.2", "127.0.0.3"  # the addresses of clients
ROOMY = "100000+100000/s"
FEW_LINES = {"FLOOD_CONNECTION_LINES": "20+20/s", "FLOOD_PERSON_LINES": "20+20/s"}
HARDLY_ANY_LINES = {"FLOOD_CONNECTION_LINES": "10+1/s"}
GREETING = b"Connect Success"
numbers = count(1)


def server_with(kind="serve", **limits):
    """Return a server with some limits in lines; the others have no effect."""
    roomy = {f"FLOOD_{whose}_LINES": ROOMY for whose in ("CONNECTION", "PERSON", "ADDRESS")}
    return Server(kind, TRUSTED_PROXIES="", **{**roomy, **limits})


async def guest_at(server, address):
    """Return a guest whose client has an address of its own."""
    guest = TextMember(server, f"guest-{next(numbers)}", address)
    await guest.enter()
    return guest


def most(at_once, rate, begin):
    """Return how many lines a limit has let through since `begin`, however late one looks."""
    return at_once + rate * (time.monotonic() - begin) + 1


async def seconds(awaitable):
    """Return the seconds that something takes."""
    begin = time.monotonic()
    await awaitable
    return time.monotonic() - begin
