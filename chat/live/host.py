"""This host: its name, the start of its processes, and how many descriptors we may open."""

import os
import resource
import socket
from pathlib import Path

UNLIMITED = 1 << 20  # descriptors assumed where the system sets no limit
RESERVED_DESCRIPTORS = 128  # for the database, the bus and files, where the limit allows it
USED_DESCRIPTORS = 64  # assumed where the system does not report it


def name() -> str:
    """Return the scope in which pids are unique: the host's name, its boot, and its pid namespace.

    The boot counts because a restarted host uses the same pids again, the namespace because
    containers may share a host's name.
    """
    boot = _read("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()} {boot} {_pid_namespace()}"[:200]


def _pid_namespace():
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def started(pid: int) -> str | None:
    """Return when a process started, in clock ticks since the boot; None if it does not run.

    A pid alone does not identify a process, because pids are used again. Without /proc the start
    is unknown, and "at some time" stands for a process that answers to signal 0. Source: proc(5),
    field 22 of /proc/PID/stat.
    """
    status = _read(f"/proc/{pid}/stat")
    if status:
        state, *fields = status.rpartition(")")[2].split()
        return None if state in "ZX" else fields[18]
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "at some time"


def available_descriptors() -> int:
    """Return how many sockets this process may open, under the highest limit that it may set."""
    limit = descriptor_limit()
    return max(limit - _used_descriptors() - min(RESERVED_DESCRIPTORS, limit // 3), 1)


def descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS reports "unlimited" but does not allow it
        hard = soft
    return UNLIMITED if hard == resource.RLIM_INFINITY else hard


def _used_descriptors():
    descriptors = Path("/proc/self/fd")
    return len(list(descriptors.iterdir())) if descriptors.exists() else USED_DESCRIPTORS


def _read(path):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
