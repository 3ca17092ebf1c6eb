"""Events of accounts and doors: sign-ins, failures, changes, and actions of staff."""

from django.db import models

from chat.names.keys import MAX_KEY
from chat.names.usernames import MAX_USERNAME

MAX_ADDRESS = 45  # characters of an IPv6 address
MAX_NETWORK = 49  # the same with the length of its prefix
MAX_AGENT = 200  # characters of a user agent that are kept
MAX_DETAIL = 300  # characters


class SecurityEvent(models.Model):
    """A security event, with the number of its repeats within a minute.

    It survives the account that it is about, so it holds names and no foreign keys.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        SIGN_IN_FAILED = "sign_in_failed", "Sign in failed"
        SIGNED_OUT = "signed_out", "Signed out"
        THROTTLED = "throttled", "Throttled"
        SIGNED_UP = "signed_up", "Signed up"
        ACCOUNT_CREATED = "account_created", "Account created"  # not by signing up
        ACCOUNT_DELETED = "account_deleted", "Account deleted"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        RESET_REQUESTED = "reset_requested", "Reset requested"
        PASSWORD_RESET = "password_reset", "Password reset"
        EMAIL_CHANGED = "email_changed", "Email changed"
        KEY_CREATED = "key_created", "Access key created"
        KEY_REVOKED = "key_revoked", "Access key revoked"
        RIGHTS_CHANGED = "rights_changed", "Rights changed"
        ORIGIN_REFUSED = "origin_refused", "Origin refused"
        FORM_REFUSED = "form_refused", "Form refused"  # a form without a valid CSRF token
        DISCONNECTED = "disconnected", "Disconnected"  # by staff
        STAFF_ACTION = "staff_action", "Staff action"  # any other action in the admin site

    at = models.DateTimeField("time")  # of the first of the repeats
    kind = models.CharField(max_length=20, choices=Kind)
    count = models.PositiveBigIntegerField(default=1)
    address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    # The addresses that count as one: an IPv4 address, or the /64 of an IPv6 address.
    network = models.CharField(max_length=MAX_NETWORK, blank=True)
    account = models.CharField(max_length=MAX_USERNAME, blank=True)
    account_key = models.CharField(max_length=MAX_KEY, blank=True)
    user_id = models.BigIntegerField(null=True, blank=True)
    by = models.CharField(max_length=MAX_USERNAME, blank=True)  # if it was not the account itself
    user_agent = models.CharField(max_length=MAX_AGENT, blank=True)
    detail = models.CharField(max_length=MAX_DETAIL, blank=True)

    class Meta:
        default_permissions = ("view",)
        permissions = [("view_addresses", "Can view network addresses and user agents")]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["kind", "id"], name="event_kind_newest"),
            models.Index(fields=["account_key", "id"], name="event_account_newest"),
            models.Index(fields=["network", "id"], name="event_network_newest"),
            models.Index(fields=["by", "id"], name="event_by_newest"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.account}".rstrip()
