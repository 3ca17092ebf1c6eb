"""The protocols that the load speaks, without I/O. Each connection has one object."""

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


class LoadWire(ABC):
    """The client's side of one connection: what to send, and when it is in the room.

    `number` makes the name; `port` is the server's port, and `cookie` the key of a session. A
    subclass has `steps`: what is expected from the server, and what to answer.
    """

    echoes = True  # whether speakers receive their own messages
    ready = False  # whether it is in the room, and may speak

    def __init__(self, number, port, cookie=None):
        self.name = f"guest{letters(number)}"
        self.port = port
        self.cookie = cookie
        self.rest = b""
        self.ahead = self.steps()

    @abstractmethod
    def steps(self):
        """Return [(regular expression for the server's bytes, the answer)]."""

    def hello(self):
        """Return what to send after connecting; nothing, where the server speaks first."""
        return b""

    def hear(self, data):
        """Take bytes that came before `ready`, and return the answer, which may be empty."""
        self.rest += data
        answers = b""
        while self.ahead and (found := re.search(self.ahead[0][0], self.rest)):
            answers += self.ahead.pop(0)[1]
            self.rest = self.rest[found.end() :]
        self.ready = not self.ahead
        return answers

    @abstractmethod
    def say(self, text, client_id):
        """Return the bytes of a message. `client_id` is a new UUID, for protocols that have one."""


class WebWire(LoadWire):
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


class RoomsWire(WebWire):
    """The same for a member who opens rooms: `cookie` is [session key, ids of the rooms]."""

    def __init__(self, number, port, cookie):
        session_key, self.rooms = cookie
        super().__init__(number, port, session_key)

    def steps(self):
        opens = [json.dumps({"type": "open", "room": room}).encode() for room in self.rooms]
        opened = [(rb'"type":"opened"', b"") for _ in self.rooms]
        return [(rb'"welcome"', b"".join(map(text_frame, opens))), *opened]

    def say(self, text, client_id, room):
        message = {"type": "say", "room": room, "text": text, "client_id": client_id}
        return text_frame(json.dumps(message).encode())


class UsualWire(WebWire):
    """The usual Channels consumer, which has the same handshake, welcome and messages."""


class LegacyWire(LoadWire):
    """The legacy protocol, of this site and of the original server."""

    def steps(self):
        return [
            (rb"Connect Success", f"login {self.name}\n".encode()),
            (rb"Login Success", b""),
        ]

    def say(self, text, client_id):
        return f"say {text}\n".encode()


class IrcWire(LoadWire):
    """IRC (RFC 2812). Speakers in a channel do not receive their own messages."""

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
        """Return the answers to pings that end in `data`; they may have begun in `rest`."""
        begun = self.rest.rpartition(b"\n")[2]
        asked = re.findall(rb"(?m)^PING (.*)\n", begun + data)
        return b"".join(b"PONG " + what + b"\n" for what in asked)


class XmppWire(LoadWire):
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
            (rb"<success[^>]*>", self.stream),  # a new stream begins after the login
            (rb"</stream:features>", self.bind),
            (rb"</iq>", self._enter()),
            (rb"""code=['"]110['"]""", b""),  # the presence is its own, which comes last
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


WIRES = {
    "web": WebWire,
    "rooms": RoomsWire,
    "usual": UsualWire,
    "legacy": LegacyWire,
    "irc": IrcWire,
    "xmpp": XmppWire,
}


def text_frame(payload):
    """Return a client's text frame.

    Its mask of zeros leaves the payload as it is (RFC 6455, section 5.3).
    """
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    else:
        length = bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + payload
