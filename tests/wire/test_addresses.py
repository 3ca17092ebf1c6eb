"""The addresses of clients, as connections have them and as proxies write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire.addresses import MAX_HOPS, Forwarded, Proxies, client_at, forwarded, is_proxy

PROXIES = Proxies(["127.0.0.1", "::1", "10.0.0.0/8", "fe80::7%eth0", "2001:db8:7::/48"])
PIECES = [
    *("192.0.2.1", "10.0.0.7", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "[::1]", ":443"),
    *(
        "[",
        "]",
        ":",
        "%",
        ",",
        ", ",
        " ",
        "\t",
        '"',
        "unknown",
        "_hidden",
        "0",
        "99999",
        "-1",
        "\0",
    ),
    *("\xe9", "1.2.3", "1.2.3.4.5", "x" * 200, "for=", ";", "=", "unix:", "01.2.3.4", "٣"),
]


def client_of(*lines):
    return forwarded(lines, [], PROXIES).client


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("192.0.2.1", ("192.0.2.1", 0)),
        ("192.0.2.1:567", ("192.0.2.1", 567)),
        (" \t192.0.2.1\t ", ("192.0.2.1", 0)),
        ("2001:DB8::1", ("2001:db8::1", 0)),
        ("2001:db8:0:0::1", ("2001:db8::1", 0)),
        ("[2001:db8::1]", ("2001:db8::1", 0)),
        ("[2001:db8::1]:443", ("2001:db8::1", 443)),
        ("::ffff:192.0.2.1", ("192.0.2.1", 0)),
        ("[::ffff:c000:201]:80", ("192.0.2.1", 80)),
        ("fe80::1%eth0", ("fe80::1", 0)),
        ("[fe80::1%eth0]:9", ("fe80::1", 9)),
    ],
)
def test_an_address_is_read_in_every_form_and_given_in_one(entry, client):
    assert client_of(entry) == client
    assert client_of(f"198.51.100.9, {entry}") == client


@pytest.mark.parametrize(
    "entry",
    [
        *("unknown", "_hidden", "", " ", "-", "localhost", "unix:", "for=192.0.2.1", '"192.0.2.1"'),
        *(
            "192.0.2.1:",
            "192.0.2.1:0x1",
            "192.0.2.1:65536",
            "192.0.2.1:1:1",
            "192.0.2",
            "1",
            "١.2.3.4",
        ),
        *("192.0.2.01", "192.0.2.1/32", "192.0.2.1 192.0.2.2", "[192.0.2.1]", "[2001:db8::1", "[]"),
        *(
            "2001:db8::1]",
            "[2001:db8::1]443",
            "[2001:db8::1]:",
            "[2001:db8::1]:99999",
            "::1::",
            "%eth0",
        ),
        *("192.0.2.1%eth0", "fe80::1%", "fe80::1%a%b", "1" * 60_000, "\0", "192.0.2.1\0", "\xff"),
    ],
)
def test_what_is_no_address_ends_the_search_so_that_nothing_before_it_counts(entry):
    assert client_of(entry) is None
    assert client_of(f"198.51.100.9, {entry}") is None
    assert client_of(f"198.51.100.9, {entry}, 10.0.0.7") is None
    assert client_of(f"{entry}, 198.51.100.9") == ("198.51.100.9", 0)


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["198.51.100.9, 192.0.2.1"], ("192.0.2.1", 0)),
        (["198.51.100.9,192.0.2.1,10.0.0.7,127.0.0.1"], ("192.0.2.1", 0)),
        (["198.51.100.9, 192.0.2.1, [::1]:5, ::ffff:10.1.2.3, 10.0.0.7:80"], ("192.0.2.1", 0)),
        (["198.51.100.9, 192.0.2.1, 2001:db8:7::5, fe80::7%eth0"], ("192.0.2.1", 0)),
        (["198.51.100.9, fe80::7%eth1"], ("fe80::7", 0)),
        (["198.51.100.9, 192.0.2.1", "10.0.0.7"], ("192.0.2.1", 0)),
        (["192.0.2.1", "198.51.100.9"], ("198.51.100.9", 0)),
        (["192.0.2.1", ""], None),
        (["192.0.2.1,"], None),
        (["10.0.0.7, 127.0.0.1"], None),
        ([], None),
    ],
)
def test_the_last_address_that_is_no_trusted_proxy_is_the_client(lines, client):
    assert client_of(*lines) == client


def test_a_header_of_ten_thousand_entries_is_read_from_its_end():
    assert client_of(", ".join(["198.51.100.9"] * 10_000 + ["192.0.2.1"])) == ("192.0.2.1", 0)
    assert client_of(*["198.51.100.9"] * 10_000, "192.0.2.1") == ("192.0.2.1", 0)
    assert client_of(", ".join(["192.0.2.1"] + ["10.0.0.7"] * 10_000)) is None
    assert client_of(",".join(["192.0.2.1"] + ["10.0.0.7"] * (MAX_HOPS - 1))) == ("192.0.2.1", 0)
    assert client_of(",".join(["192.0.2.1"] + ["10.0.0.7"] * MAX_HOPS)) is None


@pytest.mark.parametrize(
    ("for_lines", "proto_lines", "scheme"),
    [
        ([], [], None),
        ([], ["https"], "https"),
        (["192.0.2.1"], ["https"], "https"),
        (["192.0.2.1"], ["HTTPS"], "https"),
        (["192.0.2.1"], ["wss"], "https"),
        (["192.0.2.1"], ["ws"], "http"),
        # The client has invented its `https`, and the only proxy has added `http`.
        (["198.51.100.9, 192.0.2.1"], ["https, http"], "http"),
        (["192.0.2.1"], ["https", "http"], "http"),
        ([], ["https, http"], "http"),
        # The first of two proxies got the request over TLS, and the second one from the first.
        (["192.0.2.1, 10.0.0.7"], ["https, http"], "https"),
        (["198.51.100.9, 192.0.2.1, 10.0.0.7"], ["http, https, http"], "https"),
        (["192.0.2.1, 10.0.0.7"], ["https"], "https"),
        (["unknown, 10.0.0.7"], ["https, http"], "https"),
        (["192.0.2.1"], [""], None),
        (["192.0.2.1"], ["https,"], None),
        (["192.0.2.1"], ["javascript"], None),
        (["192.0.2.1"], ["x" * 60_000], None),
    ],
)
def test_the_scheme_is_the_one_that_was_added_with_the_client(for_lines, proto_lines, scheme):
    assert forwarded(for_lines, proto_lines, PROXIES).scheme == scheme


@pytest.mark.parametrize(
    ("peer", "client", "is_trusted"),
    [
        (("192.0.2.1", 5), ("192.0.2.1", 5), False),
        (("2001:db8::1", 5, 0, 0), ("2001:db8::1", 5), False),
        (["192.0.2.1", 5], ("192.0.2.1", 5), False),
        (("::ffff:192.0.2.1", 5, 0, 0), ("192.0.2.1", 5), False),
        (("fe80::1%eth0", 5, 0, 2), ("fe80::1", 5), False),
        (("127.0.0.1", 5), None, True),
        (("::ffff:127.0.0.1", 5, 0, 0), None, True),
        (("10.200.0.1", 5), None, True),
        (("fe80::7%eth0", 5, 0, 2), None, True),
        (("127.0.0.2", 5), ("127.0.0.2", 5), False),
        (None, None, False),
        ("", None, False),
        (b"", None, False),
        ("/run/chat.sock", None, False),
        (("unknown", 0), None, False),
    ],
)
def test_a_connection_counts_by_the_address_of_its_peer_unless_that_is_a_proxy(
    peer, client, is_trusted
):
    assert client_at(peer, PROXIES) == client
    assert is_proxy(peer, PROXIES) is is_trusted


@pytest.mark.parametrize("item", ["::ffff:192.0.2.1", "::ffff:192.0.2.0/120", "192.0.2.0/24"])
def test_proxies_may_be_named_by_mapped_addresses(item):
    proxies = Proxies([item])
    assert is_proxy(("::ffff:192.0.2.1", 5), proxies)
    assert is_proxy(("192.0.2.1", 5), proxies)
    assert not is_proxy(("192.0.3.1", 5), proxies)


def test_without_proxies_nobody_is_one():
    assert not is_proxy(("127.0.0.1", 5), Proxies([]))


LINES = st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))


@given(invented=LINES, proto=LINES)
def test_a_client_cannot_change_what_the_proxy_behind_it_says(invented, proto):
    """Everything that a client sends, its proxy adds to it, in the same line or in another one."""
    said = Forwarded(("192.0.2.1", 0), "http")
    assert forwarded([*invented, "192.0.2.1"], [*proto, "http"], PROXIES) == said
    joined = [", ".join([*invented, "192.0.2.1"])], [", ".join([*proto, "http"])]
    assert forwarded(*joined, PROXIES) == said


@given(lines=LINES)
def test_no_header_raises_an_exception(lines):
    forwarded(lines, lines, PROXIES)
    for line in lines:
        client_at((line, 5), PROXIES)
