"""Moderation: what people may not do for a while, and the log of what moderators have done."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.presence import Presence
from chat.models.room import MAX_NAME as MAX_ROOM_NAME
from chat.models.room import Room
from chat.models.security_event import MAX_ADDRESS, MAX_NETWORK
from chat.names.keys import MAX_KEY, MAX_NAME

MAX_REASON = 300  # characters
MAX_TARGET = 254


class Sanction(models.Model):
    """A restraint of an account, of a guest's name, or of a network, in one room or on the site.

    Exactly one of `user`, `key` and `network` is set. It holds from `since` until `until`, or for
    good without one, unless somebody has lifted it. Rows are kept when they no longer hold.
    """

    class Kind(models.TextChoices):
        MUTE = "mute"  # may read, and not speak
        KICK = "kick"  # is out, and may not come back for a while
        BAN = "ban"  # the same, for long

    kind = models.CharField(max_length=4, choices=Kind)
    # The room that it is about; None for the whole site.
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="sanctions",
    )
    key = models.CharField(max_length=MAX_KEY, blank=True)  # of a guest's name
    # An address or a network, as `str(ip_network(...))`: 203.0.113.7/32, 2001:db8::/64.
    network = models.CharField(max_length=MAX_NETWORK, blank=True)
    name = models.CharField(max_length=MAX_TARGET)  # of the target, as moderators see it
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    by = models.CharField(max_length=MAX_NAME)  # the name of the moderator; empty for the operator
    lifted = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=MAX_NAME, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, key="", network="")
                | Q(~Q(key=""), user__isnull=True, network="")
                | Q(~Q(network=""), user__isnull=True, key=""),
                name="sanction_has_one_target",
            ),
        ]
        permissions = [("moderate", "Can moderate the whole site")]
        indexes = [
            models.Index(
                fields=["user"],
                condition=Q(lifted__isnull=True, user__isnull=False),
                name="sanction_of_account",
            ),
            models.Index(
                fields=["key"],
                condition=Q(lifted__isnull=True) & ~Q(key=""),
                name="sanction_of_name",
            ),
            models.Index(
                fields=["network"],
                condition=Q(lifted__isnull=True) & ~Q(network=""),
                name="sanction_of_network",
            ),
            models.Index(fields=["since"], name="sanction_newest"),
            models.Index(
                fields=["lifted"],
                condition=Q(lifted__isnull=False),
                name="sanction_lifted",
            ),
        ]

    def __str__(self):
        return f"{self.kind} of {self.name}"


class Muted(models.Model):
    """Somebody on the site whom a sanction restrains, so that saying something needs one lookup.

    It is a mute, or a kick or ban from a room. The row is made when the sanction begins or the
    person enters, and ends with the presence. Whether it still holds is read from the sanction.
    """

    presence = models.ForeignKey(Presence, on_delete=models.CASCADE, db_index=False)
    sanction = models.ForeignKey(Sanction, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["presence", "sanction"], name="muted_is_unique"),
        ]

    def __str__(self):
        return f"{self.presence_id} by {self.sanction_id}"


class SeenAddress(models.Model):
    """An address from which somebody was on the site, for the moderators who may see addresses.

    `at` is when that was last so. Rows are deleted after ADDRESS_DAYS, or with the account unless a
    sanction of it holds.
    """

    key = models.CharField(max_length=MAX_KEY)  # of the name
    name = models.CharField(max_length=MAX_NAME)
    user_id = models.BigIntegerField(null=True, blank=True)  # the account
    address = models.CharField(max_length=MAX_ADDRESS)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "seen addresses"
        constraints = [
            models.UniqueConstraint(fields=["key", "address"], name="seen_address_is_unique"),
        ]
        indexes = [
            models.Index(fields=["at"], name="seen_address_at"),
            models.Index(fields=["address"], name="seen_address"),
        ]

    def __str__(self):
        return f"{self.name} from {self.address}"


class ModerationEntry(models.Model):
    """An entry of the log of moderation: who did what to whom, where, when, why and from where.

    It survives everything that it is about, so it holds names and no foreign keys.
    """

    class Door(models.TextChoices):
        PAGE = "page"
        TEXT = "text", "Text door"
        ADMIN = "admin"
        COMMAND = "command", "Command line"

    class Action(models.TextChoices):
        MUTE = "mute"
        UNMUTE = "unmute"
        KICK = "kick"
        UNKICK = "unkick"
        BAN = "ban"
        UNBAN = "unban"
        REMOVE = "remove", "Remove a message"
        RESTORE = "restore", "Restore a message"
        PURGE = "purge", "Remove all messages"
        UNPURGE = "unpurge", "Restore all messages"
        SLOW = "slow", "Slow mode"
        LOCK = "lock", "Lock a room"
        UNLOCK = "unlock", "Unlock a room"
        RULES = "rules", "Change of a room"  # any other setting, such as who may join
        ROLE = "role", "Change of a role"
        REPORT = "report"
        HANDLE = "handle", "Handle a report"
        DISMISS = "dismiss", "Dismiss a report"
        RELEASE = "release", "Release a message"
        REFUSE = "refuse", "Refuse a message"
        INVITE = "invite", "Create an invitation"
        REVOKE = "revoke", "Revoke an invitation"
        APPROVE = "approve", "Approve an account"
        REJECT = "reject", "Reject an account"
        ADMIT = "admit", "Let into a room"
        DECLINE = "decline", "Not let into a room"
        DISCONNECT = "disconnect"
        DEACTIVATE = "deactivate", "Deactivate an account"
        ACTIVATE = "activate", "Activate an account"
        DELETE = "delete", "Delete an account"
        LOOK = "look", "Look into private rooms"

    at = models.DateTimeField()
    door = models.CharField(max_length=7, choices=Door)
    action = models.CharField(max_length=10, choices=Action)
    by = models.CharField(max_length=MAX_NAME, blank=True)  # empty for the operator
    by_id = models.BigIntegerField(null=True, blank=True)  # the account
    by_address = models.CharField(max_length=MAX_ADDRESS, blank=True)
    target = models.CharField(max_length=MAX_TARGET, blank=True)  # as moderators see it
    target_key = models.CharField(max_length=MAX_KEY, blank=True)  # of the name of a person
    target_id = models.BigIntegerField(null=True, blank=True)  # an account
    network = models.CharField(max_length=MAX_NETWORK, blank=True)
    room_id = models.BigIntegerField(null=True, blank=True)
    room = models.CharField(max_length=MAX_ROOM_NAME, blank=True)  # as it was called
    seq = models.PositiveBigIntegerField(null=True, blank=True)  # of the message
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    detail = models.CharField(max_length=MAX_REASON, blank=True)
    # The entry that this one undoes.
    undoes = models.BigIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name_plural = "log of moderation"
        indexes = [
            models.Index(fields=["at"], name="moderation_at"),
            models.Index(fields=["action", "id"], name="moderation_action_newest"),
            models.Index(fields=["by_id", "id"], name="moderation_by_newest"),
            models.Index(fields=["target_id", "id"], name="moderation_target_newest"),
            models.Index(fields=["target_key", "id"], name="moderation_name_newest"),
            models.Index(fields=["room_id", "id"], name="moderation_room_newest"),
        ]

    def __str__(self):
        return f"{self.action} {self.target}".rstrip()


class PurgedMessage(models.Model):
    """A message that a purge has removed, so that undoing the purge restores the same ones."""

    entry = models.ForeignKey(ModerationEntry, on_delete=models.CASCADE, db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, db_index=False)
    seq = models.PositiveBigIntegerField()  # of the message
    removal = models.PositiveBigIntegerField()  # of the line that removed it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "room", "seq"], name="purged_is_unique"),
        ]

    def __str__(self):
        return f"{self.seq} of {self.room_id}"
