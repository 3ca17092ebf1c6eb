"""The page that searches for messages, which needs no JavaScript."""

import re
from urllib.parse import urlencode

import pytest

from chat.room import removing
from chat.search import hits
from tests.support.admin import signed_in
from tests.support.log import say
from tests.support.presence import enter
from tests.support.search import index

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stays(lobby, alice, bob, process):
    return enter(lobby, alice, bob, process=process)


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def page(browser, **query):
    response = browser.get(f"/search/?{urlencode(query)}")
    assert response.status_code == 200
    return response.content.decode()


def shown(html):
    """Return the targets of the links to messages, and their texts, found words in brackets."""
    links = re.findall(r'href="(/r/[^"]+)"', html)
    texts = re.findall(r'<p class="listing-said whole" dir="auto">(.*?)</p>', html, re.DOTALL)
    texts = [text.replace("<mark>", "[").replace("</mark>", "]") for text in texts]
    return list(zip(links, texts, strict=True))


def test_found_words_are_marked_and_lead_to_their_places(browser, lobby, stays):
    say(lobby, stays[1], "a <b>rose</b>", "a tulip")
    index()
    assert shown(page(browser, q="Rose")) == [
        ("/r/lobby/3/", "a &lt;b&gt;[rose]&lt;/b&gt;"),
    ]


def test_hits_are_shown_without_marks(browser, lobby, stays):
    say(lobby, stays[1], "a **red rose** and `more`")
    index()
    assert shown(page(browser, q="rose"))[0][1] == "a red [rose] and more"


def test_hits_are_shown_newest_first_or_best_first_page_by_page(browser, lobby, stays, monkeypatch):
    monkeypatch.setattr(hits, "PER_PAGE", 2)
    say(lobby, stays[1], "rose rose", "a rose", "one more rose here")
    index()
    html = page(browser, q="rose", order="best")
    assert shown(html)[0][1] == "[rose] [rose]"
    for order in ("newest", "best"):
        html = page(browser, q="rose", order=order)
        (more,) = re.findall(r'rel="next" href="\?([^"]+)"', html)
        rest = browser.get(f"/search/?{more.replace('&amp;', '&')}").content.decode()
        assert len(shown(html)) == 2
        assert len(shown(rest)) == 1
        assert 'rel="next"' not in rest


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"q": "has:nothing"}, "There are has:file"),
        ({"q": "rose in:nowhere"}, "There is no room “nowhere” that you may read."),
        ({"q": "absent"}, "No message that you may read has all of this."),
        ({"q": "rose", "next": "0"}, "There are no more messages like this."),
        ({"q": "x" * 4000}, "at most 500 characters"),
        ({"q": "a\0b\ud800".encode(errors="surrogatepass")}, "No message"),
        ({"q": "", "next": "²"}, "What you can search for"),
        ({"q": "rose", "next": "9" * 30, "order": "x"}, "[rose]"),
    ],
)
def test_every_query_is_answered(browser, lobby, stays, query, says):
    say(lobby, stays[1], "a rose")
    index()
    assert says in page(browser, **query).replace("<mark>rose</mark>", "[rose]")


def test_a_search_in_a_room_is_prepared(browser, lobby, stays):
    assert 'value="in:lobby "' in page(browser, **{"in": "lobby"})


def test_a_removed_message_is_not_shown(browser, lobby, alice, stays):
    say(lobby, stays[1], "a rose")
    index()
    removing.remove(lobby.pk, [3], alice)
    assert shown(page(browser, q="rose")) == []


def test_nobody_searches_without_signing_in(client, lobby):
    assert client.get("/search/?q=rose").url.startswith("/accounts/login/")
