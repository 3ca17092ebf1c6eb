"""How the load speaks each protocol, without I/O: one object for each connection."""

import base64
import json
import os
import re
from abc import ABC, abstractmethod
from xml.sax.saxutils import escape

from tests.support.make_members import letters
from tests.support.ports import HOST

XMPP_HOST = "localhost"
XMPP_ROOMS = f"conference.{XMPP_HOST}"


class Wire(ABC):
    """One connection's side of a protocol: what to send, and when it is in the room.

    `number` makes its name; `port` is the server's door, and `cookie` a login session's key. A
    subclass gives `steps`: what is awaited from the server, and what is said when it comes.
    """

    echoes = True  # whether speakers hear what they have said themselves
    ready = False  # in the room, and may speak

    def __init__(self, number, port, cookie=None):
        self.name = f"guest{letters(number)}"
        self.port = port
        self.cookie = cookie
        self.rest = b""
        self.ahead = self.steps()

    @abstractmethod
    def steps(self):
        """A list of (regular expression that the server's bytes shall match, what to answer)."""

    def hello(self):
        """What to send once connected; nothing to wait for the server."""
        return b""

    def hear(self, data):
        """Take bytes that came before `ready`; what to send, which may be nothing."""
        self.rest += data
        answers = b""
        while self.ahead and (found := re.search(self.ahead[0][0], self.rest)):
            answers += self.ahead.pop(0)[1]
            self.rest = self.rest[found.end() :]
        self.ready = not self.ahead
        return answers

    @abstractmethod
    def say(self, text, client_id):
        """The bytes of one message; `client_id` is a new UUID, for protocols that carry one."""


class Web(Wire):
    """This site's WebSocket."""

    def steps(self):
        return [(rb'"welcome"', b"")]

    def hello(self):
        return (
            f"GET /ws/room/ HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n"
            f"Origin: http://{HOST}:{self.port}\r\nCookie: sessionid={self.cookie}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()

    def say(self, text, client_id):
        message = {"type": "say", "text": text, "client_id": client_id}
        return text_frame(json.dumps(message).encode())


class Usual(Web):
    """The usual Channels consumer: it says the same, and greets by the same word."""


class Lines(Wire):
    """The legacy protocol, of this site and of the original server."""

    def steps(self):
        return [
            (rb"Connect Success", f"login {self.name}\n".encode()),
            (rb"Login Success", b""),
        ]

    def say(self, text, client_id):
        return f"say {text}\n".encode()


class Irc(Wire):
    """IRC (RFC 2812). Who speaks in a channel is not told what they said."""

    echoes = False
    channel = "#room"

    def steps(self):
        return [
            (rb"(?m)^:\S+ 001 .*\n", f"JOIN {self.channel}\r\n".encode()),
            (rf"(?m)^:\S+ 366 \S+ {self.channel} ".encode(), b""),
        ]

    def hello(self):
        return f"NICK {self.name}\r\nUSER {self.name} 0 * :{self.name}\r\n".encode()

    def hear(self, data):
        return self._pongs(data) + super().hear(data)

    def say(self, text, client_id):
        return f"PRIVMSG {self.channel} :{text}\r\n".encode()

    def _pongs(self, data):
        """Answer the lines that end in `data` and ask for it; their begin may be in `rest`."""
        begun = self.rest.rpartition(b"\n")[2]
        asked = re.findall(rb"(?m)^PING (.*)\n", begun + data)
        return b"".join(b"PONG " + what + b"\n" for what in asked)


class Xmpp(Wire):
    """XMPP with anonymous login (RFC 6120, XEP-0175), in a group chat (XEP-0045)."""

    room = f"room@{XMPP_ROOMS}"
    stream = (
        f"<stream:stream to='{XMPP_HOST}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()
    login = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
    bind = b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"

    def steps(self):
        return [
            (rb"</stream:features>", self.login),
            (rb"<success[^>]*>", self.stream),  # a stream begins anew after the login
            (rb"</stream:features>", self.bind),
            (rb"</iq>", self._enter()),
            (rb"""code=['"]110['"]""", b""),  # the presence is one's own, and the last of all
        ]

    def hello(self):
        return self.stream

    def say(self, text, client_id):
        return (
            f"<message type='groupchat' to='{self.room}' id='{client_id}'>"
            f"<body>{escape(text)}</body></message>"
        ).encode()

    def _enter(self):
        return (
            f"<presence to='{self.room}/{self.name}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>"
        ).encode()


WIRES = {"web": Web, "usual": Usual, "lines": Lines, "irc": Irc, "xmpp": Xmpp}


def text_frame(payload):
    """A client's text frame. Its mask of zeros leaves the payload as it is (RFC 6455, 5.3)."""
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    else:
        length = bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + payload
