"""The page with the versions of a message that its author has edited."""

import re

import pytest

from chat.room import creation, membership
from tests.support.admin import signed_in
from tests.support.amending import edit, remove
from tests.support.presence import enter, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(lobby, alice, bob):
    room = creation.create(alice, "Secrets", private=True)
    membership.invite(room.pk, bob, alice)
    return room


@pytest.fixture
def stay(room, alice, process):
    (stay,) = enter(None, alice, process=process)
    return stay


@pytest.fixture
def said(room, stay):
    """The number of a message of alice's that was edited twice."""
    seq = say(room, stay, "first").seq
    for text in ("<b>second</b>", "third"):
        edit(room, stay, seq, text)
    return seq


def page(room, seq):
    return f"/r/{room.slug}/{seq}/versions/"


def test_the_author_sees_all_versions_the_newest_first(room, said, alice):
    html = signed_in(alice).get(page(room, said)).content.decode()
    texts = re.findall(r'listing-said" dir="auto">(.*?)</p>', html)
    assert texts == ["third", "&lt;b&gt;second&lt;/b&gt;", "first"]


def test_the_page_does_not_exist_for_others(room, said, alice, bob, client):
    assert signed_in(bob).get(page(room, said)).status_code == 404
    assert client.get(page(room, said)).status_code == 302
    for seq in (1, said + 100, 10**30):
        assert signed_in(alice).get(page(room, seq)).status_code == 404


def test_the_page_does_not_exist_after_the_message_was_removed(room, stay, said, alice):
    remove(room, stay, said)
    assert signed_in(alice).get(page(room, said)).status_code == 404


def test_the_page_does_not_exist_for_who_has_lost_the_room(room, said, alice, bob):
    membership.set_role(room.pk, bob, "owner", alice)
    membership.part(room.pk, alice)
    assert signed_in(alice).get(page(room, said)).status_code == 404
