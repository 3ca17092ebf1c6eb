"""The tables are empty after each test, and what `migrate` writes stays."""

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from chat.accounts import access_keys
from chat.models import AccessKey, Membership, Message, Room, User
from chat.room import creation


def test_rows_that_refer_to_each_other_are_deleted_and_those_of_migrate_stay(lobby, alice):
    creation.create(alice, "The Garden")
    access_keys.create(alice, "terminal")
    models = (AccessKey, Membership, Message, Room, User)
    assert all(model.objects.exists() for model in models)
    kept = [list(model.objects.order_by("pk")) for model in (ContentType, Permission)]
    assert all(kept)
    call_command("flush", interactive=False, reset_sequences=False)  # as Django's tests call it
    assert not any(model.objects.exists() for model in models)
    assert [list(model.objects.order_by("pk")) for model in (ContentType, Permission)] == kept
