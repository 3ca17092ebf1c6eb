"""A WebSocket of few costs: a thousand of them in one process, beside the servers under test.

Client side of RFC 6455 without extensions. It can be deaf (reads nothing) and dead (the link is
cut without a word), which clients in earnest cannot.
"""

import asyncio
import base64
import ctypes
import os
import socket
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
CUT_CODE = 1006  # RFC 6455's number for an end without a close frame
SMALL_BUFFER = 4096  # bytes that the kernel keeps for somebody who will not read
SO_ATTACH_FILTER = 26  # Linux; Python has no name for it


class Refused(OSError):
    """The server answered the handshake with something else than a WebSocket."""


async def open_connection(make_protocol, address, *, receive_buffer=None):
    """(socket, protocol) of a new TCP connection; the socket so that its link can be cut."""
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


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_ushort),
        ("jump_true", ctypes.c_ubyte),
        ("jump_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction))]


def cut(sock):
    """Make a link half-open: the kernel drops all that comes, and acknowledges nothing any more.

    A proxy could not do that: its kernel would go on answering keepalives. The filter runs before
    TCP sees the packet, and needs no privilege.
    """
    instructions = (_Instruction * 1)(_Instruction(0x06, 0, 0, 0))  # return 0 bytes
    program = _Program(1, instructions)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, bytes(program))


class WebSocket(asyncio.Protocol):
    """One connection. `hear(payload)` gets each text frame; `closed(code)` is called once."""

    def __init__(self, request, hear, closed):
        self._request, self._hear, self._closed = request, hear, closed
        self._buffer = bytearray()
        self._code = CUT_CODE
        self._open = False
        self.deaf = False
        self.upgraded = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data):
        self._buffer += data
        if not self._open and not self._upgrade():
            return
        while (frame := self._next_frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc):
        if not self.upgraded.done():
            self.upgraded.set_exception(Refused("closed before the handshake"))
            self.upgraded.exception()
        self._closed(self._code)

    def send(self, payload):
        self._write(TEXT, payload)

    def close(self, code=1000):
        self._write(CLOSE, struct.pack("!H", code))

    def abort(self):
        self.transport.abort()

    def stop_reading(self):
        self.deaf = True
        self.transport.pause_reading()

    def read_again(self):
        self.deaf = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _upgrade(self):
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.upgraded.set_exception(Refused(head.split(b"\r\n")[0].decode("latin-1")))
            self.upgraded.exception()
            self.transport.abort()
            return False
        self._open, self._buffer = True, bytearray(rest)
        self.upgraded.set_result(None)
        return True

    def _next_frame(self):
        """(opcode, payload) when it is complete. Servers do not mask, and ours do not fragment."""
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

    def _take(self, opcode, payload):
        match opcode:
            case _ if self.transport.is_closing():
                pass
            case 1:
                self._hear(payload)
            case 8:
                self._code = int.from_bytes(payload[:2], "big") or 1005
                self._write(CLOSE, payload[:2])
                self.transport.close()
            case 9:
                self._write(PONG, payload)

    def _write(self, opcode, payload):
        if self.transport.is_closing():
            return
        if len(payload) < 126:
            head = bytes([0x80 | opcode, 0x80 | len(payload)])
        else:
            head = bytes([0x80 | opcode, 0xFE]) + len(payload).to_bytes(2, "big")
        # A mask of zeros leaves the payload as it is (RFC 6455, 5.3).
        self.transport.write(head + bytes(4) + payload)


def request(port, cookie, after=None):
    """The handshake of somebody who is signed in."""
    query = "" if after is None else f"?after={after}"
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /ws/room/{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nCookie: sessionid={cookie}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: chat.v1\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
