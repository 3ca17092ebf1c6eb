"""Invitations, and accounts that wait for approval."""

from functools import partial

from django.contrib import admin

from chat.accounts import applications, invitations
from chat.admin.moderating import AddingAdmin, QueueAdmin, moderator_of
from chat.admin.moderation_forms import InvitationForm
from chat.admin.searching import search
from chat.admin.style import format_time
from chat.models import Application, Invitation
from chat.room.text_search import contains
from chat.views.site_url import own_url, site_url

STATES = {
    invitations.State.USABLE: "can be used",
    invitations.State.EXPIRED: "has expired",
    invitations.State.USED_UP: "is used up",
    invitations.State.REVOKED: "was revoked",
}


@admin.register(Invitation)
class InvitationAdmin(AddingAdmin):
    """Invitations. Their links are for moderators of the site alone."""

    list_display = ["number", "created_at", "by_name", "room", "used", "end", "state"]
    list_select_related = ["room"]
    ordering = ["-created"]
    actions = ["revoke"]
    form = InvitationForm

    def get_queryset(self, request):
        return invitations.listed(request.user)

    def get_fields(self, request, obj=None):
        if obj is None:
            return InvitationForm.Meta.fields
        fields = ["created_at", "by_name", "room", "used", "end", "state"]
        return ["link", *fields] if self.has_moderate_permission(request) else fields

    def get_object(self, request, object_id, from_field=None):
        invitation = super().get_object(request, object_id, from_field)
        if invitation is not None:
            invitation.link = own_url(request) + invitations.path(invitation)
        return invitation

    # Columns and fields

    @admin.display(description="number")
    def number(self, invitation: Invitation) -> int:
        return invitation.pk

    @admin.display(description="link")
    def link(self, invitation: Invitation) -> str:
        return invitation.link

    @admin.display(description="created")
    def created_at(self, invitation: Invitation) -> str:
        return format_time(invitation.created)

    @admin.display(description="by")
    def by_name(self, invitation: Invitation) -> str:
        return invitation.by or "the operator"

    @admin.display(description="used")
    def used(self, invitation: Invitation) -> str:
        most = "any number" if invitation.max_uses is None else invitation.max_uses
        return f"{invitation.uses} of {most}"

    @admin.display(description="until")
    def end(self, invitation: Invitation) -> str:
        return format_time(invitation.expires) or "it is revoked"

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        return STATES[invitations.state(invitation)]

    # Creating and revoking

    def save_model(self, request, obj, form, change):
        values = form.cleaned_data
        created = invitations.create(
            moderator_of(request), values["room_address"], values["max_uses"], values["duration"]
        )
        obj.pk, obj.by, obj.token = created.pk, created.by, created.token
        self.message_user(request, f"The link: {own_url(request)}{invitations.path(created)}")

    @admin.action(description="Revoke selected invitations", permissions=["moderate"])
    def revoke(self, request, queryset):
        self.act_on_all(request, queryset, "Revoked", invitations.revoke)


@admin.register(Application)
class ApplicationAdmin(QueueAdmin):
    """Accounts that wait for approval."""

    list_display = ["user", "time", "text", "state", "decision_time", "reason"]
    fields = ["user", "time", "text", "state", "decision_time", "reason"]
    list_filter = ["state"]
    list_select_related = ["user"]
    ordering = ["-at"]
    search_fields = ["user", "text"]
    search_help_text = "Names, or words of what they have written. Every word must be found."
    actions = ["approve", "reject"]

    def get_search_results(self, request, queryset, search_term):
        def matches(word):
            return contains("user__username", word) | contains("text", word)

        return search(queryset, search_term, matches), False

    @admin.action(description="Approve selected accounts", permissions=["moderate"])
    def approve(self, request, queryset):
        self._decide(request, queryset, "Approved", applications.approve)

    @admin.action(description="Reject selected accounts", permissions=["moderate"])
    def reject(self, request, queryset):
        self._decide(request, queryset, "Rejected", applications.reject)

    def _decide(self, request, queryset, verb, function):
        self.decide(request, queryset, verb, partial(function, site_url=site_url(request)))
