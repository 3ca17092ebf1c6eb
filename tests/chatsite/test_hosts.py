"""Hosts in settings: a value that would never match what browsers and proxies send is refused."""

import pytest

from chatsite import hosts


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("chat.example.org", "chat.example.org"),
        ("Chat.Example.ORG", "chat.example.org"),
        (".example.org", ".example.org"),
        ("localhost", "localhost"),
        (".localhost", ".localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("*", "*"),  # only `serve` refuses it
    ],
)
def test_a_host_that_browsers_send_is_allowed(text, host):
    assert hosts.allowed_host(text) == host


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("https://chat.example.org", "leave out the scheme and the path"),
        ("chat.example.org/", "leave out the scheme and the path"),
        ("//chat.example.org", "leave out the scheme and the path"),
        ("chat.example.org:8000", "leave out the port"),
        ("[::1]:8000", "leave out the port"),
        ("chat.example.org:", "a port is a number"),
        ("chat.example.org:٨٠", "a port is a number"),
        ("*.example.org", "begins with a dot and without the *"),
        ("chat.*", "letters, digits, hyphens"),
        ("**", "letters, digits, hyphens"),
        ("chat.example.org.", "leave out the dot at the end"),
        ("..example.org", "single dots"),
        (".", "single dots"),
        ("a..b", "single dots"),
        ("-a.example", "letters, digits, hyphens"),
        ("chat_site.example", "letters, digits, hyphens"),
        ("a" * 64 + ".example", "letters, digits, hyphens"),
        ("a." * 130 + "example", "letters, digits, hyphens"),
        ("a.example b.example", "separate several with commas"),
        ('"chat.example.org"', "letters, digits, hyphens"),
        ("user@chat.example.org", "letters, digits, hyphens"),
        ("bücher.example", "begins with xn--"),
        ("１２７.0.0.1", "begins with xn--"),
        ("::1", r"write \[::1\]"),
        ("[::1", "in brackets"),
        ("[0:0:0:0:0:0:0:1]", r"write \[::1\]"),
        ("[::1%eth0]", "in brackets"),
        ("[127.0.0.1]", "in brackets"),
        ("127.1", "four numbers"),
        ("0x7f.1", "four numbers"),
        ("2130706433", "four numbers"),
        ("256.0.0.1", "four numbers"),
        (".127.0.0.1", "no subdomains"),
    ],
)
def test_a_host_that_browsers_never_send_is_refused_with_advice(text, advice):
    with pytest.raises(ValueError, match=advice):
        hosts.allowed_host(text)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://chat.example.org", "https://chat.example.org"),
        ("HTTPS://Chat.Example.org", "https://chat.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://*.example.org", "https://*.example.org"),
        ("https://*.example.org:8443", "https://*.example.org:8443"),
    ],
)
def test_an_origin_that_browsers_send_is_trusted(text, origin):
    assert hosts.origin(text) == origin


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("chat.example.org", "begin with https://"),
        ("null", "begin with https://"),
        ("wss://chat.example.org", "begin with https://"),
        ("https:/chat.example.org", "begin with https://"),
        ("https://", "letters, digits"),
        ("https://chat.example.org/", "leave out the slash"),
        ("https://chat.example.org/chat", "leave out the slash"),
        ("https://chat.example.org?x", "leave out the slash"),
        ("https://chat.example.org:443", "leave out the port 443"),
        ("http://chat.example.org:80", "leave out the port 80"),
        ("https://chat.example.org:99999", "a port is a number"),
        ("https://chat.example.org.", "leave out the dot"),
        ("https://user:secret@chat.example.org", "leave out the user name"),
        ("https://bücher.example", "begins with xn--"),
        ("https://*", "letters, digits"),
        ("https://*.127.0.0.1", "no subdomains"),
        ("https://::1", "brackets|port|letters"),
    ],
)
def test_an_origin_that_browsers_never_send_is_refused_with_advice(text, advice):
    with pytest.raises(ValueError, match=advice):
        hosts.origin(text)


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:DB8::/32", "2001:db8::/32"),
    ],
)
def test_a_proxy_is_an_address_or_a_network(text, proxy):
    assert hosts.proxy(text) == proxy


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("*", "name the proxies"),
        ("localhost", "an IP address or a network"),
        ("127.0.0.1:8000", "an IP address or a network"),
        ("[::1]", "an IP address or a network"),
        ("127.0.0.01", "an IP address or a network"),
        ("10.1.2.3/8", "write 10.0.0.0/8"),
        ("10.0.0.0/33", "an IP address or a network"),
        ("10.0.0.0/", "an IP address or a network"),
        ("unix:", "an IP address or a network"),
        ("١٢٧.0.0.1", "an IP address or a network"),
    ],
)
def test_a_proxy_that_would_never_match_is_refused_with_advice(text, advice):
    with pytest.raises(ValueError, match=advice):
        hosts.proxy(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("[::1]", "::1"),
        ("localhost", "localhost"),
        ("chat_site", "chat_site"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_an_address_to_listen_on_is_a_host_without_a_port(text, host):
    assert hosts.local_host(text) == host


@pytest.mark.parametrize(
    "text", ["*", "127.0.0.1:6666", "[::1]:6666", "tcp://x", "a b", "[x]", "a..b", "x" * 64, '""']
)
def test_an_address_to_listen_on_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="write a host name or an IP address"):
        hosts.local_host(text)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "65536", "٣", "²", "1e3", "9" * 5000])
def test_a_port_that_is_no_port_is_refused(text):
    with pytest.raises(ValueError, match="a port is a number from 0 to 65535"):
        hosts.port_number(text)
