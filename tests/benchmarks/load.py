"""The load: many members in one light process, which counts messages and decodes nothing.

    python -m tests.benchmarks.load

It reads commands and writes answers in JSON, one on each line. The first line is the order,
{"wire", "ports", "cookies", "pids", "cores"}, and has no answer. Each other line is [name,
arguments] of `Load.enter` or `Load.phase`, and is answered with the result. Between commands the
members answer pings, so that they stay in the room.

Each message has a marker, `^^` and the two digits of its speaker, once. So counting markers is
counting deliveries, in any protocol. All members receive the messages in one order, so the
position of a marker is the number of its message, and a message has reached everybody when the
slowest member has counted that far.

TCP segments are acknowledged at once (TCP_QUICKACK). Otherwise Nagle's algorithm would decide the
figures of a server that does not set TCP_NODELAY.
"""

import gc
import json
import os
import resource
import sys
import time
from statistics import quantiles

from tests.benchmarks.load_clients import LoadClients, ServerFailed
from tests.benchmarks.load_talk import MOST_SPEAKERS, LoadTalk
from tests.benchmarks.load_usage import LoadUsage
from tests.benchmarks.room_talk import RoomTalk

MAX_DELIVERY_TIME = 60  # seconds until all members must have received everything
REFERENCE = 50  # members that enter before memory is looked at: caches are filled then
TURNS = 3  # messages of each speaker that are measured, after one to warm up
LONGEST = 10  # seconds for measuring, and for warming up


class Load:
    """The members of one candidate, and what the candidate's processes use meanwhile."""

    def __init__(self, order):
        self.clients = LoadClients(order["wire"], order["ports"], order["cookies"])
        self.usage = LoadUsage(order["pids"], order["cores"])
        self.talk = None
        self.few, self.memory_before = 0, None  # members that entered first, and the memory then

    # Entering

    def enter(self, *, members, at_once):
        """Let members enter until there are `members`, up to `at_once` of them together.

        Returns how many have entered (without the first few, see `REFERENCE`), how many seconds
        that took, how many seconds of a core the server used, and the server's memory for each
        member.
        """
        if self.memory_before is None:
            self.few = min(REFERENCE, members // 2)
            self.clients.enter(self.few, at_once)
            self.clients.until_quiet()
            self.memory_before = self.usage.memory()
        known = len(self.clients.members)
        start, cpu = time.perf_counter(), self.usage.cpu()["server"]
        self.clients.enter(members, at_once)
        took = time.perf_counter() - start
        cpu = self.usage.cpu()["server"] - cpu
        self.clients.until_quiet()
        grown = self.usage.memory() - self.memory_before
        return {
            "members": members - known,
            "seconds": took,
            "server_cpu_seconds": cpu,
            "bytes_each": grown / (members - self.few),
        }

    # Talking

    def phase(
        self, *, seconds, in_flight=None, rate=None, places=None, warm_up=0.5, longest=LONGEST
    ):
        """Talk for some seconds, with `in_flight` messages under way or at a `rate` a second.

        With `places`, the speakers are those of a `RoomTalk`.

        With messages in flight, warming up goes on until each speaker can have been heard once,
        and measuring until each can have been heard `TURNS` times, but for `longest` seconds at
        most. Otherwise the time would be over before a slow server has delivered anything.

        Returns what was delivered in that time, the latency from saying to the last receiver in
        milliseconds, the shares of a core that the processes and this client used, the shares
        that both cores had left, and how many messages were said, with the warming up.
        """
        members = self.clients.members
        if places:
            in_flight = len(places)
            talk = RoomTalk(members, places)
        else:
            speakers = in_flight or min(MOST_SPEAKERS, len(members) // 4)
            talk = LoadTalk(members, speakers, in_turn=rate is None)
        self.talk = self.clients.talk = talk
        least = in_flight if talk.in_turn else 0
        talk.begin()
        self._talk(warm_up, rate, least, longest)
        report = self._measured(lambda: self._talk(seconds, rate, TURNS * least, longest))
        talk.in_turn = False
        self._until_all_is_heard()
        return report | {"told": talk.said}

    def _measured(self, job):
        """Run a job, and return what was delivered and used meanwhile."""
        talk, clients, usage = self.talk, self.clients, self.usage
        first, heard, reads = len(talk.done), talk.heard, clients.reads
        start, own_cpu = time.perf_counter(), time.process_time()
        cpu, idle = usage.cpu(), usage.idle()
        job()
        took = time.perf_counter() - start
        own_cpu = time.process_time() - own_cpu
        cpu = {name: (used - cpu[name]) / took for name, used in usage.cpu().items()}
        idle = {name: (left - idle[name]) / took for name, left in usage.idle().items()}
        heard, reads, last = talk.heard - heard, clients.reads - reads, len(talk.done)
        waits = talk.waits(first, last)
        return {
            "deliveries": heard / took,
            "messages": (last - first) / took,
            "in_a_read": heard / max(reads, 1),
            "latency_p50": percentile(waits, 50),
            "latency_p99": percentile(waits, 99),
            "client": own_cpu / took,
            **cpu,
            "idle": idle,
        }

    def _talk(self, seconds, rate, least, longest):
        """Talk for some seconds, and on until `least` messages have reached everybody."""
        talk = self.talk
        start, said, enough = time.perf_counter(), 0, len(talk.done) + least
        usual, latest = start + seconds, start + max(seconds, longest)
        while (now := time.perf_counter()) < (end := usual if len(talk.done) >= enough else latest):
            due = end
            if rate is not None:
                while (due := start + said / rate) <= now:
                    talk.say_in_turn(said, due)
                    said += 1
            self.clients.turn(min(due, end) - now)

    def _until_all_is_heard(self):
        deadline = time.perf_counter() + MAX_DELIVERY_TIME
        while not self.talk.is_over:
            if time.perf_counter() > deadline:
                raise ServerFailed(
                    f"only {self.talk.low} of {self.talk.said} messages reached everybody"
                )
            self.clients.turn(0.1)


def percentile(values, percent):
    """Return a percentile, also of one value or none."""
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
    while line := sys.stdin.readline():  # the first command may have come with the order
        job, arguments = json.loads(line)
        print(json.dumps(jobs[job](**arguments)), flush=True)
        load.clients.listen_until_ready(sys.stdin)


if __name__ == "__main__":
    main()
