"""A Python that has loaded the site's libraries, and forks a process for each start of a test.

Tests start Python hundreds of times, and loading the libraries is more than half of each start. The
site's own code is loaded after the fork, so it starts as it always does. `tests.support.starts`
runs this program, with a descriptor of a socket from which it reads requests:

    python tests/support/warm_python.py DESCRIPTOR

A request is a JSON object, and has two descriptors: the output of the new process, and a pipe to
which the id of the process is written, and its exit status when it has ended. The pipe is closed
when the id is free again. The processes end with this one.
"""

import ctypes
import gc
import importlib
import io
import json
import os
import resource
import runpy
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

# Importing them imports nearly all libraries. What needs Django's settings must not be among them.
LIBRARIES = (
    *("django.contrib.admin.apps", "django.contrib.auth.apps", "django.contrib.auth.hashers"),
    *("django.contrib.contenttypes.apps", "django.contrib.staticfiles.apps", "django.core.asgi"),
    *("django.core.management.commands.migrate", "django.core.management.commands.runserver"),
    *("django.core.management.commands.shell", "django.db.backends.sqlite3.base"),
    *("django.template.defaulttags", "django.template.loader_tags", "django.views.debug"),
    *("django.views.static", "channels.routing", "channels_redis.core", "csp.checks"),
    *("csp.middleware", "autobahn.twisted.websocket", "twisted.internet.asyncioreactor"),
    *("twisted.web.http", "uvicorn.main", "uvicorn.protocols.http.h11_impl", "uvloop"),
    *("uvicorn.protocols.websockets.websockets_sansio_impl", "websockets", "psycopg_pool"),
    *("servestatic.storage", "precis_i18n.unicode", "linkify_it", "markdown_it", "orjson"),
)
MAX_REQUEST = 1 << 20  # bytes
PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


def main():
    requests = int(sys.argv[1])
    sys.path[0] = str(Path.cwd())  # the folder of the project
    for library in LIBRARIES:
        importlib.import_module(library)
    find_link()
    check_that_nothing_has_begun()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal, for the tests
    request = serve(requests)
    if request is not None:
        run(request)


def find_link():
    """Compile the pattern of links, which takes as long as loading some libraries."""
    from linkify_it import LinkifyIt

    assert LinkifyIt().test_schema_at("https://example.org", "https:", len("https:"))


def check_that_nothing_has_begun():
    """Fail if a library has read the settings, or has begun what a fork would not continue."""
    from django.conf import settings

    assert not settings.configured
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1


def serve(requests):
    """Fork a process for each request, in which its request is returned; None at the end."""
    running = {}  # {descriptor of a process: (its id, its pipe)}
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready != requests:
                poll.unregister(ready)
                report_end(ready, *running.pop(ready))
                continue
            request, descriptors = receive(requests)
            if request is None:
                return None
            output, pipe = descriptors
            pid = os.fork()
            if pid == 0:
                become_plain(output)
                return request
            os.close(output)
            os.write(pipe, b"%d\n" % pid)
            process = os.pidfd_open(pid)
            running[process] = pid, pipe
            poll.register(process, select.POLLIN)


def receive(requests):
    """Return the next request and its descriptors, or (None, ()) after the last one."""
    with socket.socket(fileno=os.dup(requests)) as sock:
        data, descriptors, _, _ = socket.recv_fds(sock, MAX_REQUEST, 2)
    return (json.loads(data), descriptors) if data else (None, ())


def report_end(process, pid, pipe):
    """Write the exit status of a process to its pipe, and close it when the process is gone."""
    os.close(process)
    # The id is in use until the test knows the status, so that no signal finds another process.
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
    with suppress(BrokenPipeError):  # the test waits for it no longer
        os.write(pipe, b"%d\n" % status)
    os.waitpid(pid, 0)
    os.close(pipe)


def become_plain(output):
    """Let a forked process have the descriptors and signals that every new process has.

    It is killed when the process that forked it ends, because no test could stop it then.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(request):
    """Run what the interpreter would run with the arguments of a request."""
    os.umask(request["umask"])
    resource.setrlimit(resource.RLIMIT_NOFILE, request["nofile"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout, sys.stderr = unbuffered(sys.stdout), unbuffered(sys.stderr)
    first, *others = request["arguments"]
    if first == "-m":
        sys.argv[1:] = others[1:]
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = request["arguments"]
        runpy.run_path(first, run_name="__main__")


def unbuffered(stream):
    """Return a stream to the same file, as the interpreter makes it without a buffer."""
    file = io.FileIO(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(file, stream.encoding, stream.errors, write_through=True)


if __name__ == "__main__":
    main()
