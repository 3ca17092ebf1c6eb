"""The list of groups, which give permissions to their members."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group

from chat.accounts.events import Kind
from chat.admin.declared import DeclaredAdmin
from chat.admin.searching import search
from chat.room import moderation_log
from chat.room.moderation_log import Action, Door, Moderator
from chat.room.text_search import contains

admin.site.unregister(Group)


@admin.register(Group)
class SuperuserGroupAdmin(DeclaredAdmin, DjangoGroupAdmin):
    """Groups, for superusers alone: staff who could edit them would give themselves any right."""

    recorded_kind = Kind.RIGHTS_CHANGED

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, lambda word: contains("name", word)), False

    def record_detail(self, requester, detail):
        super().record_detail(requester, detail)
        moderator = Moderator(requester.account, Door.ADMIN, requester.address)
        moderation_log.record(moderator, Action.ROLE, detail=detail)

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser
