"""The header of the PROXY protocol, in both versions."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire.proxy_protocol import MAX_V1, MAX_V2, V2_BEGIN, Header, MalformedHeader, read_header

V1 = b"PROXY TCP4 192.0.2.1 198.51.100.9 56324 6666\r\n"
LONGEST_V1 = b"PROXY UNKNOWN " + b"f" * (MAX_V1 - 16) + b"\r\n"
V1_CLIENTS = {
    V1: ("192.0.2.1", 56324),
    b"PROXY TCP6 2001:DB8::1 ::1 0 65535\r\n": ("2001:db8::1", 0),
    b"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.9 9 6666\r\n": ("192.0.2.1", 9),
    b"PROXY UNKNOWN\r\n": None,
    b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n": None,
    LONGEST_V1: None,
}


def v2(command, family, rest, length=None):
    size = len(rest) if length is None else length
    return V2_BEGIN + struct.pack("!BBH", command, family, size) + rest


def pair(source, target, port):
    source, target = ip_address(source), ip_address(target)
    return source.packed + target.packed + struct.pack("!HH", port, 6666)


TLVS = b"\x01\x00\x02h2" + b"\x04\x00\x00" + b"\x20\x00\x05\x01\x00\x00\x00\x00"
IPV4 = pair("192.0.2.1", "198.51.100.9", 56324)
IPV6 = pair("2001:db8::1", "2001:db8::9", 443)
V2_CLIENTS = {
    v2(0x21, 0x11, IPV4): ("192.0.2.1", 56324),
    v2(0x21, 0x11, IPV4 + TLVS): ("192.0.2.1", 56324),
    v2(0x21, 0x11, IPV4 + b"\x01\xff\xff"): ("192.0.2.1", 56324),
    v2(0x21, 0x21, IPV6): ("2001:db8::1", 443),
    v2(0x21, 0x21, IPV6 + TLVS): ("2001:db8::1", 443),
    v2(0x21, 0x21, pair("::ffff:192.0.2.1", "::1", 9)): ("192.0.2.1", 9),
    v2(0x21, 0x31, b"/run/client".ljust(108, b"\0") + b"\xff" * 108): None,
    v2(0x21, 0x00, b""): None,
    v2(0x21, 0x00, TLVS): None,
    v2(0x20, 0x00, b""): None,
    v2(0x20, 0x11, IPV4): None,
    v2(0x20, 0x11, b"x"): None,
    v2(0x21, 0x11, IPV4 + b"\0" * (MAX_V2 - 16 - len(IPV4))): ("192.0.2.1", 56324),
}
CLIENTS = V1_CLIENTS | V2_CLIENTS


@pytest.mark.parametrize("header", CLIENTS)
def test_a_header_names_the_client_and_ends_where_the_client_begins(header):
    expected = Header(CLIENTS[header], len(header))
    assert read_header(header) == expected
    assert read_header(header + b"login ann\n") == expected
    assert read_header(header + header) == expected


@pytest.mark.parametrize("header", [header for header in CLIENTS if len(header) < 400])
def test_a_header_may_come_in_pieces(header):
    assert {read_header(header[:size]) for size in range(len(header))} == {None}


@pytest.mark.parametrize(
    "data",
    [
        b"login ann\n",
        b"\n",
        b"\r\n\r\nlogin ann\n",
        b"PROXYX",
        b"proxy TCP4 192.0.2.1 198.51.100.9 1 2\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP5 192.0.2.1 198.51.100.9 1 2\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 1 2\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 1\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 1 2 3\r\n",
        b"PROXY TCP4  192.0.2.1 198.51.100.9 1 2\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 1 65536\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 +1 2\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 1_0 2\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.9 01 2\r\n",
        b"PROXY TCP4 192.0.2.1 2001:db8::1 1 2\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        b"PROXY TCP6 192.0.2.1 198.51.100.9 1 2\r\n",
        b"PROXY TCP4 192.0.2.\xff 198.51.100.9 1 2\r\n",
        b"PROXY TCP4 192.0.2.1\0 198.51.100.9 1 2\r\n",
        b"PROXY UNKNOWN\n",
        b"PROXY UNKNOWN" + b" " * MAX_V1,
        b"PROXY UNKNOWN" + b" " * MAX_V1 + b"\r\n",
        V2_BEGIN[:8] + b"\0",
        v2(0x11, 0x11, IPV4),
        v2(0x22, 0x11, IPV4),
        v2(0x21, 0x41, IPV4),
        v2(0x21, 0x13, IPV4),
        v2(0x21, 0x11, IPV4[:-1]),
        v2(0x21, 0x21, IPV4),
        v2(0x21, 0x31, IPV6),
        v2(0x21, 0x11, IPV4, length=65535),
        v2(0x20, 0x00, b"", length=MAX_V2 - 15),
    ],
)
def test_anything_else_is_malformed_at_once(data):
    with pytest.raises(MalformedHeader):
        read_header(data)


@given(
    begin=st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", V2_BEGIN, V2_BEGIN + b"!"]),
    rest=st.binary(max_size=300)
    | st.lists(st.sampled_from([b"1.2.3.4", b"::1", b" ", b"9", b"\r", b"\n"])).map(b"".join),
)
def test_no_data_leads_to_another_exception(begin, rest):
    try:
        header = read_header(begin + rest)
    except MalformedHeader:
        return
    assert header is None or 0 < header.size <= len(begin + rest)
    if header is None:
        assert len(begin + rest) < MAX_V2
