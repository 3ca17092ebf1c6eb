"""A process of its own for a test: started, stopped, killed, frozen, and what it has printed."""

import ctypes
import signal
import subprocess
from pathlib import Path

import psutil

from tests.support import starts
from tests.support.commands import assert_no_traceback
from tests.support.starts import PROJECT
from tests.support.waiting import PATIENCE, wait_until

# Numbers of <linux/prctl.h> and <linux/capability.h>
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def obey_permissions():
    """Make the program that this process will start obey the permissions of files, also as root."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        # Fails for users other than root, who obey them anyway.
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


class PythonProcess:
    """A Python process whose output goes to the file `log`, over all its starts.

    `environment` is added to the environment of the tests; `nofile` limits the file descriptors.
    """

    # A method of subclasses that prepares the new process before its program starts.
    prepare_process = None

    def __init__(self, log, nofile=None):
        self.process = None
        self.project = PROJECT  # the folder in which it runs
        self.environment = {}
        self.nofile = nofile
        self.log = log
        self.log.touch()

    @property
    def output(self):
        """The text that the process has printed since its first start."""
        return self.log.read_text(encoding="utf-8", errors="backslashreplace")

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def processor_time(self):
        """The seconds of processor time that the running process has used."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def assert_no_traceback(self):
        assert_no_traceback(self.output)

    def launch(self, arguments):
        """Start the interpreter with some arguments."""
        with self.log.open("ab") as log:
            self.process = starts.start(
                arguments,
                self.environment,
                log,
                folder=self.project,
                nofile=self.nofile,
                prepare=self.prepare_process,
            )

    def stop(self):
        """Send SIGTERM, as an operator would, and return the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Send SIGKILL and return the exit status."""
        return self._end(signal.SIGKILL)

    def freeze(self):
        """Suspend the process and wait until it is suspended."""
        self.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: self._state() == "T", "the process did not stop")

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def _end(self, number):
        if self.process is None:
            return None
        if self.is_alive:
            self.process.send_signal(number)
            self.process.send_signal(signal.SIGCONT)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _state(self):
        """Return the state of the process as the kernel reports it: R, S, T (stopped), ..."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]
