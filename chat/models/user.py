"""Accounts."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Case, Q, When

from chat.models.passwords import opaque, possible_stored_forms
from chat.names.keys import MAX_KEY, key_of
from chat.names.usernames import MAX_USERNAME, normalize_username, validate_username


class AccountManager(UserManager):
    """A manager that finds accounts by the key of their name: `Alice` signs in as `alice`."""

    def get_by_natural_key(self, username):
        return self._named(username).get()

    async def aget_by_natural_key(self, username):
        return await self._named(username).aget()

    def _named(self, username):
        """Return the account with exactly this name, or else the one whose name looks the same.

        When the rules for keys change, two accounts may get the same key. The newer one keeps its
        old key, and is then found by its exact name only.
        """
        username = normalize_username(username)
        same = self.filter(Q(username=username) | Q(key=key_of(username)))
        return same.order_by(Case(When(username=username, then=0), default=1))[:1]

    def _create_user_object(self, username, email, password, **extra_fields):
        # Django hashes the password here, without a call of the model's `set_password`.
        return super()._create_user_object(username, email, opaque(password), **extra_fields)


class User(AbstractUser):
    """An account. Its name is unique by key, so no two accounts have names that look the same."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        "user name", max_length=MAX_USERNAME, unique=True, validators=[validate_username]
    )
    key = models.CharField(max_length=MAX_KEY, unique=True, editable=False)

    objects = AccountManager()  # type: ignore[misc]

    class Meta(AbstractUser.Meta):
        indexes = [
            models.Index(
                fields=["id"],
                name="user_is_staff",
                condition=Q(is_staff=True) | Q(is_superuser=True),
            )
        ]

    # The name that belongs to `key`. An account may have to keep the key of earlier rules, so a key
    # is computed only when the name changes.
    _named = None

    @classmethod
    def normalize_username(cls, username):
        return normalize_username(username)

    @classmethod
    def from_db(cls, db, field_names, values):
        user = super().from_db(db, field_names, values)
        user._named = user.__dict__.get("username")
        return user

    def save(self, *args, **kwargs):
        fields = kwargs.get("update_fields")
        is_loaded = "username" in self.__dict__
        if is_loaded and (fields is None or "username" in fields):
            self.username = normalize_username(self.username)
            if self.username != self._named:
                self.key = key_of(self.username)
                kwargs["update_fields"] = fields and {*fields, "key"}
            self._named = self.username
        super().save(*args, **kwargs)

    def set_password(self, raw_password):
        """Set a password in the form in which it is compared; None sets an unusable one."""
        super().set_password(opaque(raw_password))

    def check_password(self, raw_password):
        """Return whether a password is right, however its characters were typed."""
        return any(map(super().check_password, possible_stored_forms(raw_password)))

    async def acheck_password(self, raw_password):
        for password in possible_stored_forms(raw_password):
            if await super().acheck_password(password):
                return True
        return False
