"""The migration that computes the keys of names by new rules."""

import itertools

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.models import Presence, User
from chat.names import key_of
from chat.room.presence import Entrant, enter
from tests.support.accounts import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


EARLIER = [("chat", "0002_indexes")]


def migrate(*migrations):
    """Go to some migrations; without any, to the newest."""
    executor = MigrationExecutor(connection)
    executor.migrate(migrations or executor.loader.graph.leaf_nodes("chat"))


@pytest.fixture
def earlier_version(transactional_db):
    """Go back to the tables of the version before; return a function that upgrades them again."""
    migrate(*EARLIER)
    upgraded = []

    def upgrade():
        upgraded.append(True)
        migrate()

    yield upgrade
    if not upgraded:
        upgrade()


def add(*accounts):
    """Create accounts from names and old keys, the oldest first."""
    for name, key in accounts:
        user = User(username=name, key=key)
        user.set_password(PASSWORD)
        User.objects.bulk_create([user])  # unlike `save`, this keeps the key
    return [User.objects.get(username=name) for name, _ in accounts]


def keys():
    return dict(User.objects.values_list("username", "key"))


def test_accounts_get_the_keys_of_the_present_rules(earlier_version, capsys):
    add(("ᴀɴɴ", "ᴀɴɴ"), ("bob", "bob"), ("мaria", "ʍarla"))
    earlier_version()

    assert keys() == {name: key_of(name) for name in ("ᴀɴɴ", "bob", "мaria")}
    assert not capsys.readouterr().out


def test_of_two_accounts_that_look_the_same_now_the_newer_one_keeps_its_key(
    earlier_version, capsys
):
    ann, imitator, other = add(("ann", "ann"), ("ᴀɴɴ", "ᴀɴɴ"), ("bᴏʙ", "boʙ"))
    earlier_version()

    assert keys() == {"ann": "ann", "ᴀɴɴ": "ᴀɴɴ", "bᴏʙ": "bob"}
    printed = capsys.readouterr().out
    assert printed.count("keeps the key") == 1
    assert f"“ᴀɴɴ” (id {imitator.pk}) looks like “ann” (id {ann.pk})" in printed

    call_command("about")
    printed = capsys.readouterr().out
    assert f"“ᴀɴɴ” (id {imitator.pk})" in printed
    assert f"“ann” (id {ann.pk})" in printed
    assert "bᴏʙ" not in printed
    assert other.username not in printed


def test_the_newer_account_keeps_its_key_even_if_the_older_one_should_have_it(
    earlier_version, capsys
):
    add(("ᴀɴɴ", "ᴀɴɴ"), ("ann", "ann"))
    earlier_version()

    assert keys() == {"ᴀɴɴ": "ᴀɴɴ", "ann": "ann"}
    assert "“ᴀɴɴ”" in capsys.readouterr().out


def test_keys_may_change_places_in_whatever_order_the_accounts_were_made(earlier_version):
    for order, family in zip(itertools.permutations(range(3)), "defghj", strict=True):
        ann, bob, carl = (f"{name} {family}" for name in ("ann", "bob", "carl"))
        accounts = [(ann, key_of(bob)), (bob, key_of(carl)), (carl, key_of(ann))]
        add(*(accounts[index] for index in order))
    assert len(keys()) == 18
    assert all(key != key_of(name) for name, key in keys().items())
    earlier_version()

    assert len(keys()) == 18
    assert all(key == key_of(name) for name, key in keys().items())


def test_two_accounts_that_look_the_same_stay_two_people(lobby, process, earlier_version):
    ann, imitator = add(("ann", "ann"), ("ᴀɴɴ", "ᴀɴɴ"))
    earlier_version()

    for user in (ann, imitator):
        assert authenticate(username=user.username, password=PASSWORD) == user
        stays = enter([Entrant(user.username, user.pk, process, "web")] * 2)
        assert [stay.name for stay in stays] == [user.username] * 2
    assert set(Presence.objects.values_list("name", "user")) == {
        ("ann", ann.pk),
        ("ᴀɴɴ", imitator.pk),
    }
    assert authenticate(username="Ann", password=PASSWORD) == ann


def test_an_account_that_kept_its_key_can_be_changed(earlier_version):
    _, imitator = add(("ann", "ann"), ("ᴀɴɴ", "ᴀɴɴ"))
    earlier_version()

    imitator = User.objects.get(pk=imitator.pk)
    imitator.is_staff = True
    imitator.save()
    assert User.objects.get(pk=imitator.pk).key == "ᴀɴɴ"
    imitator.username = "Carl"
    imitator.save(update_fields=["username"])
    assert User.objects.get(pk=imitator.pk).key == key_of("carl")


def test_people_in_a_room_get_new_keys_too(lobby, earlier_version, capsys):
    (account,) = add(("ᴅᴀɴ", "ᴅaɴ"))
    people = [
        ("ᴅᴀɴ", "ᴅaɴ", account),
        ("ᴀɴɴ", "ᴀɴɴ", None),
        ("ann", "ann", None),
        ("ᴇᴠᴀ", "ᴇva", None),
    ]
    earlier = MigrationExecutor(connection).loader.project_state(EARLIER).apps
    EarlierPresence = earlier.get_model("chat", "Presence")
    for entered, (name, key, user) in enumerate(people):
        EarlierPresence.objects.create(
            room_id=lobby.pk, name=name, key=key, user_id=user and user.pk, entered=entered
        )
    earlier_version()

    found = dict(Presence.objects.values_list("name", "key"))
    assert found["ᴅᴀɴ"] == User.objects.get().key == "dan"
    assert found["ᴇᴠᴀ"] == "eva"
    assert {found["ᴀɴɴ"], found["ann"]} <= {"ann", "ᴀɴɴ"}
    assert len(set(found.values())) == 4
