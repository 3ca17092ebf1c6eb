"""Ignoring people: who can be on a list, and who is not told of whose mentions."""

import pytest

from chat.models import Ignored, Mention, User
from chat.names.keys import key_of
from chat.room import ignoring
from chat.room.ignoring import Ignorer
from chat.room.refusal import RefusalCode
from chat.search import hits
from tests.support.presence import enter, say
from tests.support.rooms import refusal
from tests.support.search import found, index

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann(alice):
    """The person alice, who ignores others."""
    return Ignorer(alice.pk, alice.username)


@pytest.fixture
def stays(lobby, alice, bob, process):
    """The stays of alice, bob, and the guest telly."""
    return enter(lobby, alice, bob, "telly", process=process)


def names(user):
    return ignoring.of_accounts([user.pk]).get(user.pk, {})


def test_people_are_on_a_list_by_their_keys_until_they_are_taken_off(alice, bob, ann, stays):
    assert ignoring.ignore(ann, "@B0B") == "bob"
    assert ignoring.ignore(ann, '"telly"') == "telly"
    assert ignoring.ignore(ann, "bob") == "bob"  # again
    assert names(alice) == {key_of("bob"): "bob", key_of("telly"): "telly"}
    assert names(bob) == {}
    assert ignoring.listed("BOB", names(alice)) == "bob"
    ignoring.stop_ignoring(alice.pk, "BOB")
    assert names(alice) == {key_of("telly"): "telly"}


@pytest.mark.parametrize("name", ["nobody", "", "@", "x" * 4000, "\x00".replace("\x00", " ")])
def test_nobody_who_is_not_there_is_ignored(ann, name):
    assert refusal(ignoring.ignore, ann, name) is RefusalCode.NO_SUCH_PERSON
    assert refusal(ignoring.listed, name, {}) is RefusalCode.NO_SUCH_PERSON


def test_nobody_ignores_themselves(ann):
    assert refusal(ignoring.ignore, ann, "ALICE") is RefusalCode.NOT_ALLOWED


def test_a_list_has_a_bound(alice, bob, ann, monkeypatch):
    monkeypatch.setattr(ignoring, "MAX_IGNORED", 1)
    User.objects.create_user("carol")
    ignoring.ignore(ann, "carol")
    assert refusal(ignoring.ignore, ann, "bob") is RefusalCode.TOO_MANY_IGNORED
    assert ignoring.ignore(ann, "carol") == "carol"


def test_a_list_goes_with_its_account(alice, bob, ann):
    ignoring.ignore(ann, "bob")
    alice.delete()
    assert not Ignored.objects.exists()


def test_the_mention_of_somebody_who_ignores_the_author_is_not_kept(lobby, alice, ann, stays):
    User.objects.create_user("carol")
    ignoring.ignore(ann, "bob")
    say(lobby, stays[1], "hello @alice and @carol")
    told = set(Mention.objects.values_list("user__username", flat=True))
    assert told == {"carol"}
    ignoring.stop_ignoring(alice.pk, "bob")
    say(lobby, stays[1], "hello @alice")
    assert Mention.objects.filter(user=alice).count() == 1


def test_messages_of_ignored_people_are_not_found(lobby, alice, bob, ann, stays):
    say(lobby, stays[1], "a rose")
    say(lobby, stays[2], "another rose")
    index()
    ignoring.ignore(ann, "bob")
    for search in (hits.newest, hits.best):
        assert found(alice, "rose", search) == ["another rose"]
        assert len(found(bob, "rose", search)) == 2
