"""Listening sockets, TCP and Unix, and the options that their connections inherit."""

import contextlib
import errno
import os
import select
import socket
import stat
import struct
from pathlib import Path

BACKLOG = 2048  # connections that may wait to be accepted
USER_TIMEOUT = 30_000  # ms that a peer may leave sent data unacknowledged
KEEPALIVE_IDLE = 30  # seconds without traffic before the first probe
KEEPALIVE_INTERVAL = 5  # seconds between probes
KEEPALIVE_PROBES = 3  # unanswered probes before the connection is dropped

# struct tcp_info of <linux/tcp.h>: the state, and milliseconds since the last data and the last
# acknowledgement.
TCP_INFO = struct.Struct("B 51x 2I")
# States of <net/tcp_states.h>: after a reset, and after the peer has closed in order.
CLOSED, CLOSED_BY_PEER = 7, 8

# A server that listens on all addresses is reached from this machine at a loopback address.
LOOPBACK_FOR_WILDCARD = {"0": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def listen_tcp(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a listening TCP socket with the options that its connections inherit.

    With `shared`, several of our processes may listen on the same address, and the kernel
    distributes new connections among them. Raises OSError when the address is not available.
    """
    family, *_, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    set_tcp_options(sock)
    try:
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def listen_unix(path: str) -> socket.socket:
    """Return a listening Unix socket, replacing an abandoned one at the same path.

    Raises OSError when the path is not available; a file that is not a socket is left alone.
    """
    with contextlib.suppress(FileNotFoundError):
        _remove_abandoned(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        Path(path).chmod(0o666)  # the proxy in front runs as another user
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _remove_abandoned(path: str) -> None:
    # A regular file refuses connections just as an abandoned socket does.
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise FileExistsError(errno.EEXIST, "a file that is not a socket exists at this path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a listener whose backlog is full answers with EAGAIN
        result = probe.connect_ex(path)
    if result != errno.ECONNREFUSED:
        number = errno.EADDRINUSE if result in (0, errno.EAGAIN) else result
        raise OSError(number, os.strerror(number))
    Path(path).unlink()


def set_tcp_options(sock: socket.socket) -> None:
    """Set the options of a listening socket that the connections it accepts inherit."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)


def set_backlog(sock: socket.socket) -> None:
    """Allow `BACKLOG` connections to wait on a socket that asyncio listens on with a backlog of 1.

    asyncio tries to accept as many connections at once as the backlog it was given. With a large
    one it would accept a whole crowd before any could be refused and, when the process is out of
    file descriptors, it would try, fail and log that many times.
    """
    with socket.socket(fileno=os.dup(sock.fileno())) as duplicate:
        duplicate.listen(BACKLOG)


def seconds_since_last_packet(sock: socket.socket) -> float:
    """Return the seconds since anything came from the peer.

    Returns 0 on systems other than Linux, which do not tell.
    """
    _, *milliseconds = _tcp_info(sock)
    # Data that acknowledges nothing new may not count as an acknowledgement.
    return min(milliseconds) / 1000


def tcp_state(sock: socket.socket) -> int:
    """Return the state of a TCP connection: `CLOSED`, `CLOSED_BY_PEER` or another number.

    The end of a connection shows here also while nothing is read from it. Returns 0 on
    systems other than Linux, which do not tell.
    """
    return _tcp_info(sock)[0]


def has_peer_closed(sock: socket.socket) -> bool:
    """Return whether the peer has closed or reset a connection, TCP or Unix.

    That is known also while nothing is read from it, but not before the data that came before has
    arrived. Returns False on systems that do not tell.
    """
    if not hasattr(select, "POLLRDHUP"):  # Linux
        return False
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLRDHUP)
    return bool(poll.poll(0))


def _tcp_info(sock):
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return 0, 0, 0
    return TCP_INFO.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size))


def reachable(host: str) -> str:
    """Return the host at which a server that listens on `host` is reached from this machine."""
    return LOOPBACK_FOR_WILDCARD.get(host, host)


def address(host: str, port: int) -> str:
    """Return an address as it stands in a URL, where IPv6 addresses have brackets (RFC 3986)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def describe(error: Exception) -> str:
    """Return why a socket could not be opened, in words for the operator."""
    return getattr(error, "strerror", None) or str(error)
