"""Connections of the legacy port that come from a TCP proxy, which names its client."""

import asyncio

from chat.servers.clients import trusted_proxies
from chat.servers.tcp import Application, TcpProtocol
from chat.wire.addresses import is_proxy
from chat.wire.proxy_protocol import MalformedHeader, read_header

HEADER_WITHIN = 5  # seconds; proxies send the header as soon as they have connected


class ProxiedProtocol(asyncio.Protocol):
    """A connection that must begin with a header of the PROXY protocol if a trusted proxy opens it.

    Until the header has come, nothing is sent, and the application knows nothing of the connection.
    It is closed when the header is malformed or late. Connections from elsewhere are served at
    once, and a header there is a line like any other.
    """

    def __init__(self, application: Application) -> None:
        self.protocol = TcpProtocol(application)
        self.data = b""

    def connection_made(self, transport):
        if not is_proxy(transport.get_extra_info("peername"), trusted_proxies()):
            transport.set_protocol(self.protocol)
            self.protocol.connection_made(transport)
            return
        self.transport = transport
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(HEADER_WITHIN, transport.abort)

    def data_received(self, data):
        self.data += data
        try:
            header = read_header(self.data)
        except MalformedHeader:
            self.transport.abort()
            return
        if header is None:
            return
        self.timer.cancel()
        self.transport.set_protocol(self.protocol)
        self.protocol.serve(self.transport, header.client)
        if rest := self.data[header.size :]:
            self.protocol.data_received(rest)

    def connection_lost(self, exc):
        self.timer.cancel()
