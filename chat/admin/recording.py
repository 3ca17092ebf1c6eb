"""Records what staff do in the admin site as security events.

Django's own entries belong to the account that made them. Security events outlive it.
"""

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.db.models import Model

from chat.accounts import administrators, events
from chat.accounts.events import Kind, Requester
from chat.models import User
from chat.models.security_event import MAX_DETAIL
from chat.room import moderation_log, targets
from chat.room.moderation_log import Action, Moderator
from chat.views.requester import requester_of

RIGHTS = [*administrators.RIGHTS, "groups", "user_permissions"]
ACTIVITY = {"is_active: on": Action.ACTIVATE, "is_active: off": Action.DEACTIVATE}


class RecordingMixin(admin.ModelAdmin):
    """Records the objects that staff add, change and delete on the pages of the admin site."""

    recorded_kind = Kind.STAFF_ACTION

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.record_saved(request, form, change)

    def record_saved(self, request, form: forms.ModelForm, change: bool) -> None:
        """Record that an object was added or changed with a form."""
        if not change or form.changed_data:
            verb = "changed" if change else "added"
            changes = described_changes(form, form.changed_data)
            self.record(requester_of(request), verb, form.instance, changes)

    def log_deletions(self, request, queryset):
        objects = list(queryset)
        for deleted in objects:
            self.record_deleted(requester_of(request), deleted)
        return super().log_deletions(request, objects)

    def record_deleted(self, requester: Requester, obj: Model) -> None:
        """Record that an object is deleted."""
        self.record(requester, "deleted", obj)

    def record(
        self, requester: Requester, verb: str, obj: Model, changes: Iterable[str] = ()
    ) -> None:
        """Record something that was done to an object, with the changes, if there are any."""
        begin = f"{verb} {self.opts.verbose_name} “{obj}”"
        for detail in details(changes, f"{begin}: ") or [begin]:
            self.record_detail(requester, detail)

    def record_detail(self, requester: Requester, detail: str) -> None:
        """Record a sentence about what was done."""
        events.record(self.recorded_kind, requester, detail=detail)


def record_saved_account(
    requester: Requester, moderator: Moderator, form: forms.ModelForm, change: bool
) -> None:
    """Record that an account was added or changed with a form."""
    user: User = form.instance
    if not change:
        events.record(Kind.ACCOUNT_CREATED, requester, user)
        return
    if "email" in form.changed_data:
        events.record(Kind.EMAIL_CHANGED, requester, user, "" if user.email else "no address")
    rights = [name for name in RIGHTS if name in form.changed_data]
    for detail in details(described_changes(form, rights)):
        events.record(Kind.RIGHTS_CHANGED, requester, user, detail)
    note_rights(moderator, user, described_changes(form, rights))


def note_rights(moderator: Moderator, user: User, changes: list[str]) -> None:
    """Add the changes of what an account may do to the log of moderation."""
    target = targets.of_account(user)
    for change, action in ACTIVITY.items():
        if change in changes:
            moderation_log.record(moderator, action, target)
    for detail in details(change for change in changes if change not in ACTIVITY):
        moderation_log.record(moderator, Action.ROLE, target, detail=detail)


def described_changes(form: forms.ModelForm, fields: Iterable[str]) -> list[str]:
    """Return how fields were changed, such as `is_staff: on` and `groups: +Moderators`.

    Of fields that are neither flags nor sets, only the name is returned.
    """
    return [change for name in fields for change in _changes(form, name)]


def _changes(form, name):
    value = form.cleaned_data.get(name)
    if isinstance(value, bool):
        return [f"{name}: {'on' if value else 'off'}"]
    if not isinstance(form.fields[name], forms.ModelMultipleChoiceField):
        return [name]
    before = {str(chosen) for chosen in form.initial.get(name) or ()}
    after = {str(chosen) for chosen in value}
    added = [f"{name}: +{chosen}" for chosen in sorted(after - before)]
    removed = [f"{name}: -{chosen}" for chosen in sorted(before - after)]
    return added + removed


def details(changes: Iterable[str], begin: str = "") -> list[str]:
    """Return the details of as many events as hold all changes. Each begins with `begin`."""
    parts: list[str] = []
    for change in changes:
        if parts and len(parts[-1]) + len(change) + 2 <= MAX_DETAIL:
            parts[-1] += f", {change}"
        else:
            parts.append(begin + change)
    return parts
