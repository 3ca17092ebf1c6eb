"""Programs of Debian at the legacy port: telnet, also in a terminal, and netcat."""

import os
import pty
import select
import shutil
import socket
import subprocess

from tests.support.services import missing
from tests.support.waiting import PATIENCE

CTRL_C, CTRL_BACKSLASH, CTRL_CLOSING_BRACKET = "\x03", "\x1c", "\x1d"
BACKSPACE = "\x7f"


class Telnet:
    """A guest whose telnet is fed by a pipe, and who has logged in with `name`."""

    program = ("telnet",)
    enter = "\n"  # what ends a line that is typed

    def __init__(self, server, name):
        path = shutil.which(self.program[0]) or missing(self.program[0])
        host, port = server.legacy_address
        self.start([path, *self.program[1:], host, str(port)])
        self.name, self.screen = name, ""
        self.until("Connect Success")
        self.prepare()
        self.type(f"login {name}")
        self.until("Login Success")

    def start(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.keyboard, self.display = self.process.stdin.fileno(), self.process.stdout.fileno()

    def prepare(self):
        """Do what comes before the login; for subclasses to change."""

    def type(self, line):
        self.press(line + self.enter)

    def press(self, keys):
        """Press keys without ending the line."""
        os.write(self.keyboard, keys.encode())

    def until(self, text, start=0):
        """Read until `text` is on the screen, after its first `start` characters."""
        while text not in self.screen[start:]:
            readable, _, _ = select.select([self.display], [], [], PATIENCE)
            assert readable, f"{text!r} does not appear: {self.screen[start:]!r}"
            data = os.read(self.display, 65536)
            assert data, f"{self.program[0]} ended before {text!r}: {self.screen!r}"
            self.screen += data.decode().replace("\r\n", "\n")

    def ask(self, line, until):
        """Type a line and read until something new appears."""
        start = len(self.screen)
        self.type(line)
        self.until(until, start)

    def leave(self):
        self.type("logout")
        self.process.communicate(timeout=PATIENCE)


class Netcat(Telnet):
    """A guest with netcat, which sends CR LF for each line that it is fed."""

    program = ("nc", "-C")


class TerminalTelnet(Telnet):
    """A guest at a terminal, where the keys for interrupting are keys as well."""

    enter = "\r"

    def start(self, command):
        terminal, program_side = pty.openpty()
        self.keyboard = self.display = terminal
        # The pseudo-terminal has to be the controlling one, or Ctrl-C would interrupt nobody.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
        )
        os.close(program_side)

    def leave(self):
        self.type("logout")
        self.until("Connection closed by foreign host")
        self.process.wait(timeout=PATIENCE)
        os.close(self.keyboard)


class CharacterTelnet(TerminalTelnet):
    """A guest at a terminal who sends each character by itself, and edits nothing before that."""

    def prepare(self):
        self.press(CTRL_CLOSING_BRACKET)
        self.until("telnet> ")
        self.type("mode character")


def answer_to_login(server, name):
    """Return what a new connection is sent up to the answer to its login. Lines may follow it."""
    with socket.create_connection(server.legacy_address, timeout=PATIENCE) as client:
        greeting = client.recv(100).decode()
        client.sendall(f"login {name}\n".encode())
        answer = client.recv(100).decode()
    accepted = "Login Success"
    return greeting + (accepted if answer.startswith(accepted) else answer)
