"""The list of accounts, and what staff may do to them."""

from copy import copy
from functools import partial

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction

from chat.accounts import lifecycle, sessions
from chat.admin.declared import DeclaredAdmin
from chat.admin.deletion import UserDeletionMixin
from chat.admin.forms import AddUserForm, EditUserForm, SetUserPasswordForm
from chat.admin.moderating import moderator_of
from chat.admin.protection import is_protected
from chat.admin.recording import record_saved_account
from chat.admin.searching import matches_user, search
from chat.admin.style import format_count, format_time, message_level
from chat.models import User
from chat.names import key_of
from chat.names.usernames import DELETED_USER
from chat.room import connections
from chat.room.ranks import may_act_on
from chat.views.requester import requester_of


@admin.register(User)
class UserAdmin(DeclaredAdmin, UserDeletionMixin, DjangoUserAdmin):
    """Accounts.

    A name cannot be changed. The log refers to people by name, so the next owner of a name that
    became free would appear to have said the earlier messages.

    Staff may act only on accounts of a lower rank. Otherwise, staff who may change users could set
    the password of a superuser.
    """

    list_display = ["username", "email", "is_staff", "is_active", "joined", "signed_in"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    search_fields = ["username", "email"]
    search_help_text = "Names (including names that look the same) and email addresses"
    ordering = ["username"]
    actions = ["deactivate", "activate", "delete_selected"]
    form = EditUserForm
    add_form = AddUserForm
    fieldsets = [
        (None, {"fields": ["username", "password", "email"]}),
        (
            "Permissions",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "password1", "password2"]})
    ]

    def get_queryset(self, request):
        """Return all accounts but the one that stands for deleted ones, which stays as it is."""
        return super().get_queryset(request).exclude(key=key_of(DELETED_USER))

    @admin.display(description="joined", ordering="date_joined")
    def joined(self, user: User) -> str:
        return format_time(user.date_joined)

    @admin.display(description="last signed in", ordering="last_login", empty_value="never")
    def signed_in(self, user: User) -> str:
        return format_time(user.last_login)

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_user), False

    # Permissions

    def get_readonly_fields(self, request, obj=None):
        fields = ["last_login", "date_joined"]
        if obj is not None:
            fields += ["username"]
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser", "groups", "user_permissions"]
        return fields

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or may_act_on(request.user, obj)
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is None or may_act_on(request.user, obj)
        )

    # Editing

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            # A transaction that locks a room must do so before it writes other rows. This one has
            # already written the account.
            transaction.on_commit(partial(connections.disconnect, user_id=obj.pk))
        if "is_active" in form.changed_data:
            transaction.on_commit(partial(sessions.end_all, [obj]))

    def record_saved(self, request, form, change):
        record_saved_account(requester_of(request), moderator_of(request), form, change)

    def record_deleted(self, requester, obj):
        """Do nothing: the function that deletes an account records it."""

    def user_change_password(self, request, id, form_url=""):
        # Django creates the form without the request, which `SetUserPasswordForm` needs.
        admin_with_form = copy(self)
        admin_with_form.change_password_form = partial(SetUserPasswordForm, request=request)
        old_key = request.session.session_key
        response = DjangoUserAdmin.user_change_password(admin_with_form, request, id, form_url)
        if request.session.session_key != old_key:
            # Django has given the editor's session a new key. Until it is saved, nobody is signed
            # in with the new key, and a server process could end the connections of this browser.
            request.session.save()
            connections.rename_session(request.user.pk, old_key, request.session.session_key)
        return response

    # Actions

    @admin.action(description="Deactivate selected users", permissions=["change"])
    def deactivate(self, request, queryset):
        deactivated = []
        for user in queryset.filter(is_active=True):
            if not is_protected(request, user):
                lifecycle.close(user, requester_of(request), moderator_of(request))
                self.log_change(request, user, "Deactivated.")
                deactivated.append(user)
        sessions.end_all(deactivated)
        self.message_user(
            request,
            f"Deactivated: {format_count(len(deactivated), 'user')}.",
            message_level(len(deactivated)),
        )

    @admin.action(description="Activate selected users", permissions=["change"])
    def activate(self, request, queryset):
        activated = 0
        for user in queryset.filter(is_active=False):
            if not is_protected(request, user):
                lifecycle.activate(user, requester_of(request), moderator_of(request))
                self.log_change(request, user, "Activated.")
                activated += 1
        self.message_user(
            request, f"Activated: {format_count(activated, 'user')}.", message_level(activated)
        )
