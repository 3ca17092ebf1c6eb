"""What this host says about its processes: which live, and since when."""

import os
import resource
import socket
from pathlib import Path

PLENTY = 1 << 20  # descriptors, where there is no limit
RESERVE = 32  # descriptors kept for the database, the bus and files, where there are that many


def name():
    """Where our pids mean something: the host's name, its present boot, and the pid namespace.

    Other boots had other processes, and containers may share a host's name but not its pids.
    """
    boot = _read("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()} {boot} {_pid_namespace()}"[:200]


def _pid_namespace():
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def started(pid):
    """When a process started, in clock ticks since the boot; None when there is none.

    Source: proc(5), field 22 of /proc/PID/stat. A pid alone says little: they are used again.
    Where there is no /proc, a process that answers to signal 0 has started "at some time".
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


def spare_descriptors():
    """How many sockets this process may open, after its soft limit was raised to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS says "unlimited" and does not mean it
        hard = soft
    if hard == resource.RLIM_INFINITY:
        hard = PLENTY
    used = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 64
    return max(hard - used - min(RESERVE, hard // 3), 1)


def _read(path):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
