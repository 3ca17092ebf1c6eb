"""Starts of Python for tests: forked from a Python that has loaded the libraries, or anew."""

import io
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
UNBUFFERED = "PYTHONUNBUFFERED"  # which a fork obeys as well
INTERPRETER = ("PYTHON", "LANG", "LC_")  # how variables begin that the interpreter reads at first


def start(arguments, environment, output, *, folder=PROJECT, nofile=None, prepare=None):
    """Start Python with an empty input, and with the file `output` for its output and its errors.

    `environment` is added to the environment of the tests. `nofile` limits its file descriptors.
    `prepare()` is called in the new process before its program starts. The result has `pid`,
    `returncode`, `poll`, `wait` and the methods for signals that `subprocess.Popen` has.
    """
    environment = {**os.environ, **environment}
    if folder == PROJECT and nofile is None and prepare is None:
        warm = warm_python() if forks else None
        if warm is not None and warm.can_run(arguments, environment):
            try:
                return warm.start(arguments, environment, output)
            except WarmPythonEnded:
                stop_warm_python()  # the next start has another one

    def prepare_process():
        # A shell that runs the tests in the background makes its commands ignore SIGINT.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if nofile is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))
        if prepare is not None:
            prepare()

    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=prepare_process,
    )


def run(arguments, environment, *, timeout=None, **options):
    """Run Python until it ends; return (status, output). `options` are those of `start`."""
    with tempfile.TemporaryFile() as output:
        process = start(arguments, environment, output, **options)
        try:
            status = process.wait(timeout)
        except BaseException:
            process.kill()
            raise
        output.seek(0)
        return status, output.read().decode()


# Forks, for tests only: benchmarks measure processes that have been started as by an operator.
forks = False


def fork_from_now_on():
    global forks
    forks = True


@cache
def warm_python():
    return WarmPython()


def stop_warm_python():
    if warm_python.cache_info().currsize:
        warm_python().stop()
        warm_python.cache_clear()


class WarmPythonEnded(Exception):
    """The warm Python has ended, and the processes that it has forked have ended with it."""

    def __init__(self):
        super().__init__("the warm Python has ended")


class WarmPython:
    """The process of `warm_python.py`."""

    def __init__(self):
        self._interpreter = of_interpreter(os.environ)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "tests/support/warm_python.py", str(theirs.fileno())],
                cwd=PROJECT,
                env={**os.environ, UNBUFFERED: ""},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def can_run(self, arguments, environment):
        """Return whether a fork does the same as a new interpreter with these arguments."""
        is_program = arguments[0] == "-m" or arguments[0].endswith(".py")
        return is_program and of_interpreter(environment) == self._interpreter

    def start(self, arguments, environment, output):
        reports, pipe = os.pipe()
        request = {
            "arguments": arguments,
            "environment": environment,
            "umask": umask(),
            "nofile": resource.getrlimit(resource.RLIMIT_NOFILE),
        }
        try:
            message = json.dumps(request).encode()
            socket.send_fds(self._requests, [message], [output.fileno(), pipe])
        except ConnectionError as error:
            os.close(reports)
            raise WarmPythonEnded from error
        finally:
            os.close(pipe)
        return ForkedPython(reports)

    def stop(self):
        self._requests.shutdown(socket.SHUT_RDWR)
        self._requests.close()
        self._process.wait()


def umask():
    """Return the umask of this process. Setting another one would have an effect on all threads."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^Umask:\s*([0-7]+)$", status, re.MULTILINE)[1], 8)


def of_interpreter(environment):
    """Return those variables of an environment that only a new interpreter would obey."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(INTERPRETER) and name != UNBUFFERED
    }


class ForkedPython:
    """A process that was forked, with those methods of `subprocess.Popen` that tests use."""

    def __init__(self, reports):
        self._reports = io.FileIO(reports)
        self.pid = self._next_report()
        self.returncode = None

    def poll(self):
        return self._status(within=0)

    def wait(self, timeout=None):
        if self._status(within=timeout) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        with suppress(WarmPythonEnded):
            self.send_signal(signal.SIGKILL)

    def _status(self, within):
        """Return the exit status if the process ends within some seconds; None is for ever."""
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._reports, select.POLLIN)
            if poll.poll(None if within is None else within * 1000):
                self.returncode = self._next_report()
                self._reports.read()  # until the process is gone
        return self.returncode

    def _next_report(self):
        report = self._reports.readline()
        if not report:
            raise WarmPythonEnded
        return int(report)
