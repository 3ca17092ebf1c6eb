"""The base of the lists of moderation, whose actions call the functions of `chat.room`."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import redirect

from chat.admin.listing import LongListMixin
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.style import format_count, format_time, message_level
from chat.models import Room, User
from chat.models.moderation import MAX_REASON
from chat.room.access import shown_to_staff
from chat.room.moderation_log import Door, Moderator
from chat.room.ranks import SITE_PERMISSION
from chat.room.refusal import Refused
from chat.views.moderation_refusals import sentence_of
from chat.views.requester import requester_of


def moderator_of(request) -> Moderator:
    """Return the staff member who acts in the admin site."""
    return Moderator(request.user, Door.ADMIN, requester_of(request).address)


def in_shown_rooms(user: User, room: str) -> Q:
    """Return the condition for rows about no room, or about one that staff may see.

    `room` is the field with the id of the room.
    """
    if user.is_superuser:
        return Q()
    seen = Exists(Room.objects.filter(shown_to_staff(user), pk=OuterRef(room)))
    return Q(**{f"{room}__isnull": True}) | Q(seen)


class ReasonForm(ActionForm):
    """The choice of an action, with the reason that the log and the person are told."""

    reason = forms.CharField(required=False, max_length=MAX_REASON, label="Reason:")


class ModerationAdmin(LongListMixin, ReadOnlyAdmin):
    """The lists that site moderators see. Staff need the permission `chat.moderate` to act."""

    def has_view_permission(self, request, obj=None):
        return self.has_moderate_permission(request) or super().has_view_permission(request, obj)

    def has_moderate_permission(self, request) -> bool:
        return request.user.has_perm(SITE_PERMISSION)

    def act_on_all(
        self, request, queryset: QuerySet, verb: str, function: Callable[[Moderator, int], object]
    ) -> None:
        """Call a function for each selected row, and tell how many it has changed, and why not."""
        moderator, done = moderator_of(request), 0
        for row in list(queryset):
            try:
                function(moderator, row.pk)
            except Refused as refusal:
                self.message_user(request, f"{row}: {sentence_of(refusal)}", messages.WARNING)
            else:
                done += 1
                self.log_change(request, row, f"{verb}.")
        name = format_count(done, self.opts.verbose_name, self.opts.verbose_name_plural)
        self.message_user(request, f"{verb}: {name}.", message_level(done))


class QueueAdmin(ModerationAdmin):
    """The lists of decisions. The reason that is typed beside an action goes with it."""

    action_form = ReasonForm

    @admin.display(description="time")
    def time(self, row) -> str:
        return format_time(row.at)

    @admin.display(description="decided", empty_value="")
    def decision_time(self, row) -> str:
        if row.decided is None:
            return ""
        return f"by {row.decided_by or 'the operator'}, {format_time(row.decided)}"

    def decide(
        self, request, queryset: QuerySet, verb: str, function: Callable[..., object]
    ) -> None:
        """Call a function with the typed reason for each selected row."""
        reason = request.POST.get("reason", "").strip()
        self.act_on_all(request, queryset, verb, partial(function, reason=reason))


class AddingAdmin(ModerationAdmin):
    """Rows that moderators add by `chat.room` or `chat.accounts`, and that nobody edits."""

    def has_add_permission(self, request):
        return self.has_moderate_permission(request)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the page of a row, or add one. A refusal adds nothing."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            self.message_user(request, sentence_of(refusal), messages.ERROR)
            return redirect(request.path)
