"""Raw clients from an address of their own, which misbehave as no library would let them."""

import contextlib
import os
import socket
import time
from base64 import b64encode

from websockets.frames import Frame, Opcode

from tests.support.ports import HOST
from tests.support.waiting import PATIENCE

# Addresses of this machine that are no trusted proxies, so that the limits of an address hold.
ATTACKER, CALM = "127.0.0.2", "127.0.0.3"


def connect_from(address, port):
    """Return a socket that is connected to a port of this machine from one of its addresses."""
    client = socket.create_connection((HOST, port), PATIENCE, source_address=(address, 0))
    client.settimeout(PATIENCE)
    return client


def open_web_socket(server, address, session_key=None):
    """Return a socket that has sent the handshake of a page, and reads nothing by itself."""
    client = connect_from(address, server.web_port)
    headers = {
        "Host": f"{HOST}:{server.web_port}",
        "Origin": server.url,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Protocol": "chat.v1",
    }
    if session_key is not None:
        headers["Cookie"] = f"sessionid={session_key}"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client.sendall(f"GET /ws/room/ HTTP/1.1\r\n{lines}\r\n".encode())
    return client


def masked(opcode, data, *, fin=True):
    """Return a frame as a client sends it."""
    return Frame(Opcode[opcode], data, fin=fin).serialize(mask=True)


def received(client, enough=lambda data: False):
    """Return what comes until the server closes the connection, or until it is enough."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while not enough(data) and (more := client.recv(1 << 16)):
            data += more
    return data


def is_closed(client):
    """Return whether the server has closed a connection, without waiting; drops what has come."""
    client.setblocking(False)
    try:
        while client.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except ConnectionResetError:
        pass
    return True


def seconds_until_closed(client):
    """Return how long it takes until the server closes a connection."""
    start = time.monotonic()
    received(client)
    return time.monotonic() - start
