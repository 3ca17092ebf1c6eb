"""The targets at the beginning of typed commands."""

import pytest
from django.utils import timezone

from chat.models import Presence, SeenAddress
from chat.names.keys import key_of
from chat.room.refusal import RefusalCode, Refused
from chat.room.typed_targets import named, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def guests(lobby):
    """Guests with blanks in their names: one who is here, and one who was."""
    Presence.objects.create(name="big dave", key=key_of("big dave"), entered=1)
    SeenAddress.objects.create(
        name="eve of old", key=key_of("eve of old"), address="203.0.113.7", at=timezone.now()
    )


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("alice", "alice", ""),
        ("alice 10m too loud", "alice", "10m too loud"),
        ("ALlCE too loud", "alice", "too loud"),  # with an L for the i: the same key
        ("@alice  too loud", "alice", "too loud"),
        ("big dave 10m", "big dave", "10m"),
        ("Eve of  Old spam", "eve of old", "spam"),
        ("nobody yet spam", "nobody", "yet spam"),
        ('"nobody yet" spam', "nobody yet", "spam"),
        ("network is slow", "network", "is slow"),
        ("address:203.0.113.7 2h spam", "address:203.0.113.7", "2h spam"),
        ("network:2001:db8::/64 spam", "network:2001:db8::/64", "spam"),
    ],
)
def test_the_longest_name_that_is_known_is_the_target(guests, alice, text, name, rest):
    found = named(text)
    assert (found.target.name, found.rest) == (name, rest)
    assert found.target.user == (alice if name == "alice" else None)
    assert bool(found.target.network) == (":" in name)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", RefusalCode.NO_SUCH_PERSON),
        ("@", RefusalCode.NO_SUCH_PERSON),
        ('""', RefusalCode.NO_SUCH_PERSON),
        ("x" * 4000, RefusalCode.NO_SUCH_PERSON),
        ("#garden", RefusalCode.NO_SUCH_PERSON),
        ("address:alice", RefusalCode.BAD_TARGET),
        ("network:0.0.0.0/0", RefusalCode.BAD_TARGET),
    ],
)
def test_texts_that_begin_with_no_target_are_refused(lobby, text, code):
    with pytest.raises(Refused) as refused:
        named(text)
    assert refused.value.code is code


def test_only_somebody_who_is_known_is_a_person(guests, alice):
    assert person("big dave is loud").target.key == key_of("big dave")
    for text in ("nobody is loud", "address:203.0.113.7 is loud", ""):
        with pytest.raises(Refused) as refused:
            person(text)
        assert refused.value.code is RefusalCode.NO_SUCH_PERSON


def test_a_target_takes_few_statements(guests, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        named("big dave " + "and more " * 500)
