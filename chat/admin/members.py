"""The members on the page of a room, with their roles."""

from functools import cached_property

from django.contrib import admin
from django.db.models import F
from django.forms import BaseInlineFormSet

from chat.admin.style import format_time
from chat.models import Membership, Room

MAX_MEMBERS = 100  # on the page of a room; the list of memberships has all


class FirstMembersFormSet(BaseInlineFormSet):
    """The first members of a room by role and name: a room may have thousands."""

    @cached_property
    def first(self):
        rows = super().get_queryset().select_related("user", "room")
        return rows.order_by(F("role").desc(), "user__username")[:MAX_MEMBERS]

    def get_queryset(self):
        return self.first


class MemberInline(admin.TabularInline):
    """Members, whose roles staff change, and whom they remove, in open rooms."""

    model = Membership
    formset = FirstMembersFormSet
    fields = ["user", "role", "member_since"]
    readonly_fields = ["user", "member_since"]
    extra = 0
    verbose_name_plural = f"members (the first {MAX_MEMBERS} by role and name)"

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("chat.view_room") or self.has_change_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        is_open = obj is None or obj.kind == Room.Kind.OPEN
        return is_open and request.user.has_perm("chat.change_room")

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    @admin.display(description="since")
    def member_since(self, membership: Membership) -> str:
        return format_time(membership.since)
