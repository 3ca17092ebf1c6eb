"""Debian's telnet, for guests at a terminal."""

import shutil
import subprocess

from tests.support.services import missing


class Telnet:
    """A guest at a terminal who has logged in with `name`."""

    def __init__(self, server, name):
        program = shutil.which("telnet") or missing("telnet")
        host, port = server.legacy_address
        self.process = subprocess.Popen(
            [program, host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.screen = ""
        self.until("Connect Success")
        self.type(f"login {name}")
        self.until("Login Success")

    def type(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def until(self, text):
        """Read until `text` is on the screen."""
        while text not in self.screen:
            data = self.process.stdout.read1(65536)
            assert data, f"telnet ended before {text!r}: {self.screen!r}"
            self.screen += data.decode().replace("\r\n", "\n")

    def leave(self):
        self.type("logout")
        self.process.communicate(timeout=15)
