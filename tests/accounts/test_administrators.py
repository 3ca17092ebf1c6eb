"""The rule that the site always has an administrator."""

import pytest

from chat.accounts import administrators, lifecycle
from chat.models import User
from chat.room.refusal import RefusalCode, Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root():
    return User.objects.create_superuser("root")


def test_an_administrator_is_the_last_one_only_while_there_is_no_other(root, alice):
    assert administrators.is_last_administrator(root)
    assert not administrators.is_last_administrator(alice)
    User.objects.create_superuser("second")
    assert not administrators.is_last_administrator(root)


@pytest.mark.parametrize("end_rights", [lifecycle.deactivate, lifecycle.delete])
def test_the_last_administrator_cannot_be_deactivated_or_deleted(root, alice, end_rights):
    with pytest.raises(Refused) as refused:
        end_rights(root)
    assert refused.value.code == RefusalCode.LAST_ADMINISTRATOR
    assert User.objects.get(username="root").is_active


@pytest.mark.parametrize("end_rights", [lifecycle.deactivate, lifecycle.delete])
def test_one_of_two_administrators_can_be_deactivated_or_deleted(root, end_rights):
    second = User.objects.create_superuser("second")
    end_rights(root)
    assert list(administrators.administrators()) == [second]


@pytest.mark.parametrize("right", administrators.RIGHTS)
def test_an_account_that_lacks_a_right_is_no_administrator(root, right):
    User.objects.create_superuser("second")
    User.objects.filter(username="second").update(**{right: False})
    assert administrators.is_last_administrator(root)


def test_an_administrator_cannot_end_their_own_rights(root):
    User.objects.create_superuser("second")
    with pytest.raises(Refused) as refused:
        administrators.check_may_lose_rights(root, by=root)
    assert refused.value.code == RefusalCode.OWN_RIGHTS
