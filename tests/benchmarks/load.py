"""The load: many members in one light process of its own, who count what comes and decode nothing.

    python -m tests.benchmarks.load

It is told what to do, and answers, in JSON, a line each. The first is {"wire", "ports", "cookies",
"pids", "cores"}, with "pids" by the name of what they are, and has no answer. Each other is [name,
arguments] of `Load.enter` or `Load.phase`, and is answered by what that returns; the next may be
sent then. In between the members answer pings, so that they stay in the room.

Every text said has the marker `^^` and the two digits of its speaker once, so that to count markers
is to count deliveries, in any protocol. All members hear the messages in one order, so the place of
a marker is the number of its message, and a message has reached everybody when the slowest has
counted that far.

It acknowledges TCP segments at once (TCP_QUICKACK): otherwise a server without TCP_NODELAY would
be measured by Nagle's timer.
"""

import gc
import json
import os
import re
import resource
import select
import socket
import sys
import time
from collections import deque
from statistics import quantiles
from uuid import uuid4

import psutil

from tests.benchmarks.wires import WIRES

HOST = "127.0.0.1"
MARK = b"^^"
MARKED = re.compile(rb"\^\^(\d\d)")
CARET = MARK[0]
TAIL = len(b"^^00") - 1  # bytes of a marker that may have come before the rest of it
PING = b"\x89"  # RFC 6455: the first byte of a ping, which is in no text of ours
BUFFER = 1 << 18
MOST_SPEAKERS = 99  # each is known by two digits
PATIENCE = 60  # seconds in which something must come
REFERENCE = 50  # members after whose entering memory is first looked at: caches are filled then
TURNS = 3  # messages of each speaker that are measured, after one to warm up by
LONGEST = 10  # seconds for each of the two
LONGEST_PING = 16  # bytes
LINE = "a line of a usual length, as people write them in a chat"


class ServerClosed(Exception):
    """The server has ended a connection, which is none of our plans."""


class Link:
    """One member's connection."""

    __slots__ = ("count", "ear", "marker", "outstanding", "queue", "sock", "split", "tail", "wire")

    def __init__(self, sock, wire):
        self.sock, self.wire = sock, wire
        self.count = 0  # messages heard
        self.split = False  # the last byte was half of a marker
        self.ear = False  # takes note of who has spoken
        self.tail = b""  # for an ear: the end of what came
        self.marker = None  # for a speaker: what its messages begin with
        self.outstanding = None  # for a speaker: when its message under way was due
        self.queue = deque()  # for a speaker: when others were due


class Load:
    """All members, one epoll, no task or callback each: the server is what is to be measured."""

    def __init__(self, order):
        self.order = order
        self.wire = WIRES[order["wire"]]
        self.epoll = select.epoll()
        self.links, self.members = {}, []
        self.buffer = bytearray(BUFFER)
        self.few, self.memory_before = 0, None  # what there is before others enter
        self.longest = 0  # bytes that came in one read, lately
        self.processes = {
            name: [psutil.Process(pid) for pid in pids] for name, pids in order["pids"].items()
        }
        self.speakers = {}
        self.heard = self.reads = 0
        self.waiting = None  # links that are not in the room yet
        self._reset()

    def _reset(self):
        self.reached = {}  # messages heard -> how many listeners are there
        self.low = 0  # messages that everybody has heard
        self.due, self.done = {}, []
        self.told = 0  # messages said
        self.in_turn = False  # who has heard itself speaks again

    def listen_until_ready(self, file):
        """Take what comes, and answer pings, until something can be read from a file."""
        while file not in select.select([file, self.epoll], [], [])[0]:
            self._turn(0)

    # Entering

    def enter(self, *, members, at_once):
        """Let people in until they are so many, some of them together.

        Returns how many have entered now, after the very first few, how many seconds that took, and
        how many of the server's; and the server's memory for each of all who are in after those.
        """
        if self.memory_before is None:
            self.few = min(REFERENCE, members // 2)
            self._enter_some(self.few, at_once)
            self._quiet()
            self.memory_before = self._memory()
        known, start, cpu = len(self.members), time.perf_counter(), self._cpu()["server"]
        self._enter_some(members, at_once)
        took = time.perf_counter() - start
        cpu = self._cpu()["server"] - cpu
        self._quiet()
        return {
            "members": members - known,
            "seconds": took,
            "server_cpu_seconds": cpu,
            "bytes_each": (self._memory() - self.memory_before) / (members - self.few),
        }

    def _enter_some(self, members, at_once):
        """Until they are so many."""
        self.waiting = {}
        numbers = iter(range(len(self.members), members))
        started = time.perf_counter()
        while True:
            while len(self.waiting) < at_once and (number := next(numbers, None)) is not None:
                self._connect(number)
            if not self.waiting:
                break
            before = len(self.waiting)
            self._turn(1)
            if len(self.waiting) < before:
                started = time.perf_counter()
            elif time.perf_counter() - started > PATIENCE:
                raise ServerClosed(f"{before} members were not let in")
        self.waiting = None

    def _connect(self, number):
        ports, cookies = self.order["ports"], self.order["cookies"]
        port = ports[number % len(ports)]
        sock = socket.create_connection((HOST, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(sock, self.wire(number, port, cookies[number] if cookies else None))
        if hello := link.wire.hello():
            sock.sendall(hello)
        sock.setblocking(False)
        self.links[sock.fileno()] = self.waiting[sock.fileno()] = link
        self.members.append(link)
        self.epoll.register(sock.fileno(), select.EPOLLIN)

    def _greet(self, link, size):
        if answer := link.wire.hear(bytes(self.buffer[:size])):
            link.sock.sendall(answer)
        if link.wire.ready:
            del self.waiting[link.sock.fileno()]

    def _quiet(self):
        """Until nothing has come for a moment; of many members some are pinged in any moment."""
        deadline = time.perf_counter() + PATIENCE
        self.longest = LONGEST_PING + 1
        while self.longest > LONGEST_PING and time.perf_counter() < deadline:
            self.longest, end = 0, time.perf_counter() + 0.3
            while (left := end - time.perf_counter()) > 0:
                self._turn(left)

    # Hearing

    def _turn(self, timeout):
        """Take what has come, waiting for it up to `timeout` seconds."""
        events = self.epoll.poll(max(timeout, 0))
        self.reads += len(events)
        waiting, links, buffer = self.waiting, self.links, self.buffer
        quick = socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1
        for descriptor, _ in events:
            link = links[descriptor]
            try:
                size = link.sock.recv_into(buffer)
            except BlockingIOError:
                continue
            if not size:
                raise ServerClosed("the server has closed a connection")
            if size > self.longest:
                self.longest = size
            link.sock.setsockopt(*quick)
            if buffer.find(PING, 0, size) >= 0:
                self._pong(link, size)
            if waiting is not None and descriptor in waiting:
                self._greet(link, size)
                continue
            fresh = buffer.count(MARK, 0, size)
            if link.split and buffer[0] == CARET:
                fresh += 1
            link.split = buffer[size - 1] == CARET and buffer[size - 2 : size] != MARK
            if link.ear:
                self._note(link, size)
            if fresh:
                self._advance(link, fresh)

    def _pong(self, link, size):
        """Answer what may be a ping, or the server would take us for dead.

        It may be a part of a frame's length as well: one pong too many does no harm, and the ping
        may come behind it.
        """
        at = -1
        while (at := self.buffer.find(PING, at + 1, size)) >= 0:
            length = self.buffer[at + 1] if at + 1 < size else 126
            payload = self.buffer[at + 2 : at + 2 + length]
            if length < 126 and at + 2 + length <= size:
                link.sock.send(bytes([0x8A, 0x80 | length]) + bytes(4) + payload)

    def _advance(self, link, fresh):
        self.heard += fresh
        was, link.count = link.count, link.count + fresh
        reached = self.reached
        if was not in reached:
            return  # no listener, or no phase
        reached[was] -= 1
        reached[link.count] = reached.get(link.count, 0) + 1
        if not reached[was]:
            del reached[was]
            if was == self.low:
                now = time.perf_counter()
                self.low = min(reached)
                self.done += [now] * (self.low - was)

    def _note(self, link, size):
        """Which messages of whom have come; a speaker who has heard its own may go on."""
        data = link.tail + self.buffer[:size]
        known = link.tail.count(MARK)
        link.tail = bytes(data[-TAIL:])
        first = link.count - known + 1
        for number, found in enumerate(MARKED.finditer(data), first):
            speaker = self.speakers.get(found[1])
            if speaker is not None and (speaker is link or not self.wire.echoes):
                self._heard_back(speaker, number)

    def _heard_back(self, speaker, number):
        self.due[number] = speaker.outstanding
        speaker.outstanding = None
        if speaker.queue:
            self._say(speaker, speaker.queue.popleft())
        elif self.in_turn:
            self._say(speaker, time.perf_counter())

    # Speaking

    def phase(self, *, seconds, in_flight=None, rate=None, port=None, warm_up=0.5, longest=LONGEST):
        """Speak for some seconds, with `in_flight` messages under way or at a `rate`.

        With a `port` only members there speak.

        With messages in flight, warming up goes on until each speaker can have been heard once, and
        measuring until it can `TURNS` times, for `longest` seconds at most: of a slow server the
        time would else be over before the slowest messages have come.

        Returns what was heard in that time, the latency from saying to the last receiver in ms,
        the shares of a core that the processes and this client took, those that both cores had
        left, and how many messages were said with the warming up.
        """
        self.choose_speakers(in_flight or min(MOST_SPEAKERS, len(self.members) // 4), port)
        self.in_turn = rate is None
        least = in_flight if self.in_turn else 0
        if self.in_turn:
            for speaker in self.speakers.values():
                self._say(speaker, time.perf_counter())
        self._speak(warm_up, rate, least, longest)
        first, heard, reads = len(self.done), self.heard, self.reads
        start, cpu, theirs = time.perf_counter(), time.process_time(), self._cpu()
        idle = self._idle()
        self._speak(seconds, rate, TURNS * least, longest)
        took = time.perf_counter() - start
        cpu = time.process_time() - cpu
        theirs = {name: (used - theirs[name]) / took for name, used in self._cpu().items()}
        idle = {name: (left - idle[name]) / took for name, left in self._idle().items()}
        heard, reads, last = self.heard - heard, self.reads - reads, len(self.done)
        self.in_turn = False
        self._fall_silent()
        waits = [1000 * (self.done[n] - self.due[n + 1]) for n in range(first, last)]
        return {
            "deliveries": heard / took,
            "messages": (last - first) / took,
            "in_a_read": heard / max(reads, 1),
            "latency_p50": percentile(waits, 50),
            "latency_p99": percentile(waits, 99),
            "client": cpu / took,
            **theirs,
            "idle": idle,
            "told": self.told,
        }

    def choose_speakers(self, count, port):
        """The last to enter speak: servers that send in that order serve them last."""
        assert count <= MOST_SPEAKERS
        self._reset()
        chosen = [link for link in self.members if port in {None, link.wire.port}][-count:]
        assert len(chosen) == count
        self.speakers = {b"%02d" % number: link for number, link in enumerate(chosen)}
        for digits, link in self.speakers.items():
            link.marker = (MARK + digits).decode()
        deaf = set() if self.wire.echoes else set(chosen)  # to what they say themselves
        listeners = [link for link in self.members if link not in deaf]
        ears = chosen if self.wire.echoes else [listeners[-1]]
        for link in self.members:
            link.count, link.split, link.ear, link.tail = 0, False, False, b""
        for link in ears:
            link.ear = True
        self.reached = {0: len(listeners)}
        for link in deaf:
            link.count = -1 << 40  # its counting says nothing

    def _say(self, speaker, due):
        if speaker.outstanding is not None:
            speaker.queue.append(due)
            return
        speaker.outstanding = due
        self.told += 1
        speaker.sock.send(speaker.wire.say(f"{speaker.marker} {LINE}", str(uuid4())))

    def _speak(self, seconds, rate, least, longest):
        """Speak for so long, and on until `least` messages have reached everybody meanwhile."""
        turns = list(self.speakers.values())
        start, said, enough = time.perf_counter(), 0, len(self.done) + least
        usual, latest = start + seconds, start + max(seconds, longest)
        while (now := time.perf_counter()) < (end := usual if len(self.done) >= enough else latest):
            due = end
            if rate is not None:
                while (due := start + said / rate) <= now:
                    self._say(turns[said % len(turns)], due)
                    said += 1
            self._turn(min(due, end) - now)

    def _fall_silent(self):
        """Until everybody has heard all that was said."""
        deadline = time.perf_counter() + PATIENCE
        while self.low < self.told or any(s.outstanding for s in self.speakers.values()):
            if time.perf_counter() > deadline:
                raise ServerClosed(f"only {self.low} of {self.told} messages reached everybody")
            self._turn(0.1)

    # The processes

    def _cpu(self):
        """{name: seconds of a core used until now}, those of their children included."""
        return {
            name: sum(
                sum(one.cpu_times()[:2])
                for process in processes
                for one in (process, *process.children())
            )
            for name, processes in self.processes.items()
        }

    def _idle(self):
        """{"server" or "load": seconds in which its core had nothing to do until now}."""
        times = psutil.cpu_times(percpu=True)
        return {name: times[core].idle for name, core in self.order["cores"].items()}

    def _memory(self):
        return sum(process.memory_info().rss for process in self.processes["server"])


def percentile(values, percent):
    if len(values) < 2:
        return sum(values)
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def main():
    order = json.loads(sys.stdin.readline())
    os.sched_setaffinity(0, {order["cores"]["load"]})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.disable()
    load = Load(order)
    jobs = {"enter": load.enter, "phase": load.phase}
    while line := sys.stdin.readline():  # the first may have come together with the order
        job, arguments = json.loads(line)
        print(json.dumps(jobs[job](**arguments)), flush=True)
        load.listen_until_ready(sys.stdin)


if __name__ == "__main__":
    main()
