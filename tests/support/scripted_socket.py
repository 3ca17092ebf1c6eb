"""The server's end of the room page's WebSocket, for tests that play the server."""

import json
import re
import time

from tests.support.waiting import PATIENCE


class ScriptedSocket:
    """The WebSocket of a room page. The test plays the server.

    `answers` maps types of frames to functions that make the answer from the frame, for example
    `history=lambda frame: {...}`.
    """

    def __init__(self, page, welcome=None, **answers):
        self.received = []
        self.sockets = []
        self.welcome = welcome  # sent on each connection; None: nothing is sent
        self.answers = answers
        page.route_web_socket(re.compile("/ws/room/"), self._accept)
        page.goto("/") if page.url == "about:blank" else page.reload()
        until(page, lambda: self.sockets)

    def send(self, frame_type, **fields):
        self.sockets[-1].send(json.dumps({"type": frame_type, **fields}))

    def close(self, code):
        self.sockets[-1].close(code=code)

    def received_of(self, frame_type):
        return [frame for frame in self.received if frame["type"] == frame_type]

    def _receive(self, text):
        frame = json.loads(text)
        self.received.append(frame)
        if frame["type"] in self.answers:
            self.sockets[-1].send(json.dumps(self.answers[frame["type"]](frame)))

    def _accept(self, socket):
        self.sockets.append(socket)
        socket.on_message(self._receive)
        if self.welcome is not None:
            self.send("welcome", **self.welcome)


def until(page, condition):
    """Let the browser run until `condition()` is true, for what a `ScriptedSocket` receives."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the page did not do what the test waits for"
        page.wait_for_timeout(20)  # handles the messages that arrive meanwhile


def a_welcome(lines=(), people=(), seq=None):
    """Return the fields of a welcome for somebody called "me"."""
    lines = list(lines)
    seq = seq if seq is not None else lines[-1]["seq"] if lines else 0
    names = [{"name": name, "guest": False} for name in people]
    return {
        "you": "me",
        "room": "Lobby",
        "seq": seq,
        "people": names,
        "lines": lines,
        "reset": False,
    }


def a_line(seq, text="", kind="said", name="bob", at="2026-05-05T12:00:00Z", **changes):
    """Return a line of the log as it stands in a frame."""
    fields = {"seq": seq, "kind": kind, "name": name, "text": text, "at": at}
    return {**fields, "client_id": None, "guest": False, "of": None, **changes}
