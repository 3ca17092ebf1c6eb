"""The beginnings, ends and addresses of links. The cases are those of the page's own rule."""

import json
from pathlib import Path

import pytest

from chat.markup import links

CASES = json.loads(Path(__file__).with_name("links.json").read_text())
MANY = 1000


def found(text, limit=MANY):
    return [text[start:end] for start, end in links.find(text, limit)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["text"]))
def test_links_are_those_of_the_page(case):
    assert found(case["text"]) == case["links"]


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        (")" * 1_900, ""),
        ("." * 1_900, ""),
        (")." * 950, ""),
        ("(" * 950 + ")" * 950, "(" * 950 + ")" * 950),
        ("(" * 949 + ")" * 950, "(" * 949 + ")" * 949),
        ("." * 1_900 + "x", "." * 1_900 + "x"),
        ("👍" * 940, "👍" * 940),
    ],
    ids=lambda value: value[:4],
)
def test_the_end_of_the_longest_link_is_found(end, kept):
    begin = "https://example.org/" + "a" * 70
    assert found(begin + end) == [begin + kept]


@pytest.mark.parametrize("end", [")", ".", "a", "()", "👍"])
def test_a_link_that_is_too_long_is_plain_text(end):
    assert found("https://example.org/" + end * 1_990) == []


def test_only_some_links_of_a_text_full_of_links_are_looked_at():
    text = "http://a.b/ " * 330
    assert len(found(text)) == 330
    assert len(found(text, 7)) == 7


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8000/x",
        "http://my_host/",
        "http://a_b.example.org/x",
        "http://192.0.2.1:99/",
        "http://user:word@host/",
        "http://[2001:db8::1]",
    ],
)
def test_hosts_need_no_dot(text):
    assert found(text) == [text]


@pytest.mark.parametrize(
    "text", ["http://%20/", "http://?x", "https:///x", "https://:80/", "http://example.org:99999/"]
)
def test_a_link_needs_a_host(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "JavaScript:alert(1)//http:",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "xhttps://example.org",
    ],
)
def test_other_schemes_are_no_links(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://example.org/a@b", None),
        ("https://bücher.example/ü", None),
        ("https://straße.example", None),
        ("https://例え.テスト/", None),
        ("HTTPS://EXAMPLE.ORG/A", None),
        ("https://Example.org/", None),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://bank.example:x@evil.example:8000/", "evil.example"),
        ("https://bank.example%2F@evil.example", "evil.example"),
        ("https://раураl.com/", "xn--l-7sba6dbr.com"),
        ("https://раураӏ.com/", "xn--80aa0cbo65f.com"),
        ("https://gοοgle.com/", "xn--ggle-0nda.com"),
        ("https://exampIe.org/", "exampie.org"),
    ],
)
def test_a_host_that_looks_like_another_one_is_told(link, host):
    assert links.true_host(link) == host
