"""The deletion of accounts, which keeps their messages in the log."""

from functools import partial

from django.contrib import admin
from django.contrib.admin import actions
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.shortcuts import redirect

from chat.accounts import lifecycle
from chat.accounts.events import Requester
from chat.admin.moderating import moderator_of
from chat.admin.protection import is_protected
from chat.models import User
from chat.names.usernames import DELETED_USER
from chat.room.moderation_log import Moderator
from chat.views.requester import requester_of


class UserDeletionMixin(admin.ModelAdmin):
    """Delete accounts through `chat.accounts`, unless they are protected."""

    @admin.action(description="Delete selected users", permissions=["delete"])
    def delete_selected(self, request, queryset):
        if [user for user in queryset if is_protected(request, user)]:
            return None
        return actions.delete_selected(self, request, queryset)

    def delete_view(self, request, object_id, extra_context=None):
        user = self.get_object(request, unquote(object_id))
        if user and self.has_delete_permission(request) and is_protected(request, user):
            return redirect("admin:chat_user_change", user.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs, request):
        """Return what the confirmation page shows, as Django's method does.

        Presence never protects an account: it leaves its rooms before it is deleted.
        """
        to_delete = []
        for user in objs:
            notes = [
                f"The messages of {user} stay in the room, under the name “{DELETED_USER}”.",
                f"What {user} did in the admin site stays in its history, under the same name.",
            ]
            to_delete += [f"User: {user}", notes]
        counts = {"users": len(objs)}
        allowed = all(self.has_delete_permission(request, user) for user in objs)
        missing_permissions = set() if allowed else {self.opts.verbose_name}
        return to_delete, counts, missing_permissions, []

    def delete_model(self, request, obj):
        self._delete_after_commit(request, [obj])

    def delete_queryset(self, request, queryset):
        self._delete_after_commit(request, list(queryset))

    def _delete_after_commit(self, request, users):
        by = requester_of(request), moderator_of(request)
        transaction.on_commit(partial(delete_accounts, users, *by))


def delete_accounts(users: list[User], requester: Requester, moderator: Moderator) -> None:
    """Delete accounts, in transactions of their own, which lock the rooms before other rows."""
    for user in users:
        lifecycle.delete(user, requester, moderator)
