"""A mail server for tests, which keeps the mails that it gets, or misbehaves."""

import socketserver
import threading
from email import message_from_bytes, policy

from tests.support.ports import HOST


class MailServer(socketserver.ThreadingTCPServer):
    """SMTP (RFC 5321) on a free port, started on `with`. `mails` has what it got.

    `answers` are the answers to the next mails, such as "451 later"; then mails are accepted. While
    `hangs` is set, nothing is answered, not even a new connection.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__((HOST, 0), Conversation)
        self.mails = []
        self.answers = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked = threading.Event()  # somebody has connected

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.goes_on.set()
        self.shutdown()
        self.server_close()

    @property
    def port(self):
        return self.server_address[1]

    @property
    def url(self):
        return f"smtp://{HOST}:{self.port}"

    def hang(self):
        self.goes_on.clear()


class Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        try:
            self.converse()
        except OSError:
            pass  # the client has given up

    def converse(self):
        self.server.asked.set()
        self.say("220 mail.example.org")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"DATA":
                    self.say("354 go ahead")
                    self.take_mail()
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def take_mail(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        text = b"".join(lines)
        if self.server.answers:
            # Some servers quote what they refuse.
            self.say(f"{self.server.answers.pop(0)}: {link_or_end(text.decode())}")
            return
        self.server.mails.append(message_from_bytes(text, policy=policy.default))
        self.say("250 ok")

    def say(self, line):
        self.server.goes_on.wait()
        self.wfile.write(f"{line}\r\n".encode())


def link_or_end(text):
    """Return the most secret line of a mail."""
    lines = text.splitlines()
    return next((line for line in lines if "://" in line), lines[-1])
