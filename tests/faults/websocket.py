"""A cheap WebSocket client: a thousand of them fit into one process beside the servers.

It implements the client side of RFC 6455 without extensions. Unlike a real client it can stop
reading.
"""

import asyncio
import base64
import os
import socket
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
ABNORMAL_CLOSURE = 1006  # RFC 6455: the connection ended without a close frame
NO_STATUS = 1005  # RFC 6455: the close frame has no code
SMALL_BUFFER = 4096  # bytes that the kernel buffers for a client that stops reading


class HandshakeRefused(OSError):
    """The server did not answer the handshake with a WebSocket."""


async def open_connection(make_protocol, address, *, receive_buffer=None):
    """Return (socket, protocol) of a new TCP connection; the socket serves to cut the link."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, address)
        _, protocol = await loop.create_connection(make_protocol, sock=sock)
    except BaseException:
        sock.close()
        raise
    return sock, protocol


class ClientWebSocket(asyncio.Protocol):
    """One connection.

    `receive(payload)` is called for each text frame, and `closed(code)` once at the end.
    """

    def __init__(self, request, receive, closed):
        self._request, self._receive, self._closed = request, receive, closed
        self._buffer = bytearray()
        self._code = ABNORMAL_CLOSURE
        self._open = False
        self.upgraded = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data):
        self._buffer += data
        if not self._open and not self._upgrade():
            return
        while (frame := self._next_frame()) is not None:
            self._handle(*frame)

    def connection_lost(self, exc):
        if not self.upgraded.done():
            self._refuse("closed before the handshake")
        self._closed(self._code)

    def send(self, payload):
        self._write(TEXT, payload)

    def abort(self):
        self.transport.abort()

    def _upgrade(self):
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self._refuse(head.split(b"\r\n")[0].decode("latin-1"))
            self.transport.abort()
            return False
        self._open, self._buffer = True, bytearray(rest)
        self.upgraded.set_result(None)
        return True

    def _refuse(self, reason):
        self.upgraded.set_exception(HandshakeRefused(reason))
        self.upgraded.exception()  # marks it as retrieved, also where nobody waits

    def _next_frame(self):
        """Return (opcode, payload) of a complete frame, or None.

        Servers do not mask their frames, and this site's server does not fragment them.
        """
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length == 126:
            start, length = 4, int.from_bytes(buffer[2:4], "big")
        elif length == 127:
            start, length = 10, int.from_bytes(buffer[2:10], "big")
        if len(buffer) < start + length:
            return None
        opcode, payload = buffer[0] & 15, bytes(buffer[start : start + length])
        del buffer[: start + length]
        return opcode, payload

    def _handle(self, opcode, payload):
        if self.transport.is_closing():
            return
        if opcode == TEXT:
            self._receive(payload)
        elif opcode == CLOSE:
            self._code = int.from_bytes(payload[:2], "big") or NO_STATUS
            self._write(CLOSE, payload[:2])
            self.transport.close()
        elif opcode == PING:
            self._write(PONG, payload)

    def _write(self, opcode, payload):
        if not self.transport.is_closing():
            # A mask of zeros leaves the payload as it is (RFC 6455, section 5.3).
            self.transport.write(frame_head(opcode, len(payload)) + bytes(4) + payload)


def frame_head(opcode, length):
    """Return the first bytes of a client's frame, up to its mask."""
    if length < 126:
        return bytes([0x80 | opcode, 0x80 | length])
    return bytes([0x80 | opcode, 0xFE]) + struct.pack("!H", length)


def handshake_request(port, cookie, after=None):
    """Return the handshake of a client that is signed in."""
    query = "" if after is None else f"?after={after}"
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /ws/room/{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nCookie: sessionid={cookie}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: chat.v1\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
