"""Free ports for the servers of tests. No two test processes of this machine get the same one."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)  # below those that the kernel gives to outgoing connections
SLICE = 50  # ports that a process reserves at once

_reserved = []  # ports of this process that it has not given out yet
_locks = []  # open files; each holds a lock on one slice until this process ends


def free_ports(count):
    """Return ports that nothing listens on and that no other test has been given."""
    ports = []
    while len(ports) < count:
        if not _reserved:
            _reserved.extend(_reserve_slice())
        port = _reserved.pop()
        if not answers(port):
            ports.append(port)
    return ports


def answers(port):
    """Return whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _reserve_slice():
    """Lock a slice of ports against other test processes and return it.

    The kernel releases the lock when this process ends, however it ends.
    """
    slices = list(range(PORTS.start, PORTS.stop, SLICE))
    for start in random.sample(slices, len(slices)):
        file = (_lock_folder() / str(start)).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            _locks.append(file)
            return range(start, start + SLICE)
    raise AssertionError("other test processes have reserved all ports")


@cache
def _lock_folder():
    folder = Path(tempfile.gettempdir()) / f"chatsite-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder
