"""The load: many members on WebSockets in one light process, run as a program of its own.

Frames are counted, not decoded, so that the server is what is measured. Reads one JSON object
from standard input, {"port", "cookies", "speakers", "seconds", "pid"}, and prints one:
{"deliveries", "seconds", "cpu", "idle_bytes"}; `cpu` is the client's own share of a core and
`idle_bytes` the server's memory per connection before anybody spoke.
"""

import asyncio
import base64
import json
import os
import sys
import time
from uuid import uuid4

import psutil
import uvloop

SAID = b'"said"'
WARM_UP = 1  # seconds


class Member(asyncio.Protocol):
    """One connection; counts the messages that come."""

    def __init__(self, port, cookie):
        self.request = (
            f"GET /ws/room/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Cookie: sessionid={cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.heard = 0
        self.rest = b""
        self.welcomed = asyncio.get_running_loop().create_future()
        self.own = None
        self.own_heard = None

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data):
        if not self.welcomed.done():
            if b'"welcome"' in data:
                self.welcomed.set_result(None)
            return
        seen = self.rest + data
        self.heard += seen.count(SAID)
        # A marker may be cut by the pieces; what was counted must not be counted again.
        cut = max(seen.rfind(SAID) + len(SAID), len(seen) - len(SAID) + 1, 0)
        if self.own is not None and self.own in self.tail + data:
            self.own = None
            if not self.own_heard.done():
                self.own_heard.set_result(None)
        self.tail = data[-len(str(uuid4())) :]
        self.rest = seen[cut:]

    def connection_lost(self, exc):
        for future in (self.welcomed, self.own_heard):
            if future is not None and not future.done():
                future.set_exception(ConnectionError("the server has closed"))

    tail = b""

    async def say(self, text):
        """Say something and wait until it comes back."""
        client_id = str(uuid4())
        self.own = client_id.encode()
        self.own_heard = asyncio.get_running_loop().create_future()
        frame = json.dumps({"type": "say", "text": text, "client_id": client_id}).encode()
        # A mask of zeros leaves the payload as it is (RFC 6455, 5.3).
        head = bytes([0x81, 0xFE]) + len(frame).to_bytes(2, "big") + bytes(4)
        self.transport.write(head + frame)
        await self.own_heard


async def run(port, cookies, speakers, seconds, pid):
    server = psutil.Process(pid)
    before = server.memory_info().rss
    loop = asyncio.get_running_loop()
    members = []
    for cookie in cookies:
        _, member = await loop.create_connection(
            lambda c=cookie: Member(port, c), "127.0.0.1", port
        )
        await member.welcomed
        members.append(member)
    idle = (server.memory_info().rss - before) / len(members)

    async def speak(member):
        while True:
            await member.say("a line of a usual length, as people write them in a chat")

    tasks = [loop.create_task(speak(member)) for member in members[:speakers]]
    await asyncio.sleep(WARM_UP)
    start, heard, cpu = time.perf_counter(), sum(m.heard for m in members), time.process_time()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    deliveries = sum(m.heard for m in members) - heard
    used = time.process_time() - cpu
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [end for end in ends if not isinstance(end, asyncio.CancelledError)]
    for member in members:
        member.transport.abort()
    if failed:
        raise failed[0]
    return {
        "deliveries": deliveries,
        "seconds": took,
        "cpu": used / took,
        "idle_bytes": idle,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
