"""The header of the PROXY protocol, in which a TCP proxy names its client.

Both versions are read, see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt. The proxy
sends the header before anything else, and before it has received anything.
"""

import re
import struct
from ipaddress import ip_address
from typing import NamedTuple

from chat.wire.addresses import MAX_PORT, Client, as_client

V1_BEGIN = b"PROXY "
MAX_V1 = 107  # bytes of a header of version 1, with its CR LF
V1_PORT = re.compile(rb"0|[1-9][0-9]{0,4}")
V1_FAMILIES = {b"TCP4": 4, b"TCP6": 6}

V2_BEGIN = b"\r\n\r\n\x00\r\nQUIT\n"
V2_FIXED = struct.Struct("!12sBBH")  # V2_BEGIN, version and command, family, length of the rest
MAX_V2 = 4096  # bytes of a header of version 2; some proxies add certificates
LOCAL, PROXY = 0x20, 0x21
# The high half of the family byte is the kind of addresses, the low half the transport.
UNSPECIFIED, IPV4, IPV6, UNIX = 0, 1, 2, 3
MAX_TRANSPORT = 2
V2_ADDRESSES = {
    UNSPECIFIED: struct.Struct(""),
    IPV4: struct.Struct("!4s4sHH"),
    IPV6: struct.Struct("!16s16sHH"),
    UNIX: struct.Struct("!108s108s"),
}


class MalformedHeader(Exception):
    """The connection does not begin with a header of the PROXY protocol."""


class Header(NamedTuple):
    """A header that has come completely.

    `client` is None when the proxy speaks for itself, as in a health check, or when it knows no IP
    address.
    """

    client: Client | None
    size: int  # bytes; what follows was sent by the client


def read_header(data: bytes) -> Header | None:
    """Return the header at the beginning of what has come so far; None if a part is missing.

    Raises MalformedHeader as soon as the data cannot become a header.
    """
    for begin, read in ((V1_BEGIN, _read_v1), (V2_BEGIN, _read_v2)):
        if data.startswith(begin):
            return read(data)
        if begin.startswith(data):
            return None
    raise MalformedHeader


def _read_v1(data):
    end = data.find(b"\n", 0, MAX_V1)
    if end < 0:
        if len(data) >= MAX_V1:
            raise MalformedHeader
        return None
    if not data.endswith(b"\r\n", 0, end + 1):
        raise MalformedHeader
    return Header(_client_of_v1(data[len(V1_BEGIN) : end - 1].split(b" ")), end + 1)


def _client_of_v1(words):
    if words[0] == b"UNKNOWN":
        return None  # whatever follows
    if len(words) != 5 or words[0] not in V1_FAMILIES:
        raise MalformedHeader
    family, *addresses, source_port, target_port = words
    ports = [int(port) for port in (source_port, target_port) if V1_PORT.fullmatch(port)]
    if len(ports) != 2 or max(ports) > MAX_PORT:
        raise MalformedHeader
    try:
        source, target = (ip_address(address.decode("ascii")) for address in addresses)
    except ValueError:
        raise MalformedHeader from None
    if {source.version, target.version} != {V1_FAMILIES[family]}:
        raise MalformedHeader
    return as_client(source, ports[0])


def _read_v2(data):
    if len(data) < V2_FIXED.size:
        return None
    _, command, family_byte, length = V2_FIXED.unpack_from(data)
    family, transport = divmod(family_byte, 16)
    if (
        command not in (LOCAL, PROXY)
        or family not in V2_ADDRESSES
        or transport > MAX_TRANSPORT
        or (command == PROXY and length < V2_ADDRESSES[family].size)
        or V2_FIXED.size + length > MAX_V2
    ):
        raise MalformedHeader
    size = V2_FIXED.size + length
    if len(data) < size:
        return None
    if command == LOCAL or family not in (IPV4, IPV6):
        return Header(None, size)
    # Further values (TLVs) may follow the addresses. They are skipped.
    source, _, port, _ = V2_ADDRESSES[family].unpack_from(data, V2_FIXED.size)
    return Header(as_client(ip_address(source), port), size)
