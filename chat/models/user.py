"""Accounts."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from chat.names.keys import MAX_KEY, key_of
from chat.names.usernames import MAX_USERNAME, validate_username


class AccountManager(UserManager):
    """A manager that finds accounts by the key of their name: `Alice` signs in as `alice`."""

    def get_by_natural_key(self, username):
        return self.get(key=key_of(username))

    async def aget_by_natural_key(self, username):
        return await self.aget(key=key_of(username))


class User(AbstractUser):
    """An account. Its name is unique by key, so no two accounts have names that look the same."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        "user name", max_length=MAX_USERNAME, unique=True, validators=[validate_username]
    )
    key = models.CharField(max_length=MAX_KEY, unique=True, editable=False)

    objects = AccountManager()  # type: ignore[misc]

    def save(self, *args, **kwargs):
        self.key = key_of(self.username)
        fields = kwargs.get("update_fields")
        if fields is not None and "username" in fields:
            kwargs["update_fields"] = {*fields, "key"}
        super().save(*args, **kwargs)
