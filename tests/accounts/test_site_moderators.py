"""The migration that creates the group of site moderators."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from chat.models import User
from chat.room.ranks import Authority, authority_of

pytestmark = pytest.mark.django_db

migration = import_module("chat.migrations.0017_site_moderators")


@pytest.fixture
def group():
    """The group as the migration creates it; tests that empty the tables delete it."""
    Group.objects.all().delete()
    migration.create_group(apps, None)
    return Group.objects.get(name=migration.GROUP)


def test_members_of_the_group_moderate_the_site_and_see_addresses(group):
    ann = User.objects.create_user("ann")
    assert authority_of(ann) == Authority.MEMBER
    ann.groups.add(group)
    ann = User.objects.get(username="ann")
    assert authority_of(ann) == Authority.SITE_MODERATOR
    assert ann.has_perm("chat.view_addresses")
    assert not ann.has_perm("chat.change_user")


def test_a_group_of_the_site_with_this_name_keeps_its_permissions(group):
    group.permissions.clear()
    migration.create_group(apps, None)
    assert not Group.objects.get().permissions.exists()


def test_permissions_that_are_not_there_yet_are_created(group):
    permissions = list(group.permissions.all())
    assert {each.codename for each in permissions} == {"moderate", "view_addresses"}
    names = {each.codename: each.name for each in permissions}
    Group.objects.all().delete()
    for each in permissions:
        each.delete()
    migration.create_group(apps, None)
    created = Group.objects.get().permissions.all()
    assert {each.codename: each.name for each in created} == names
