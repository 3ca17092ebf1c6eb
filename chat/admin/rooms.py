"""The list of rooms."""

from django.contrib import admin
from django.db.models import Count

from chat.admin.declared import DeclaredAdmin
from chat.models import Room


@admin.register(Room)
class RoomAdmin(DeclaredAdmin):
    """The room that both doors open. It can be renamed, but server processes depend on it."""

    list_display = ["name", "last_seq", "people"]
    fields = ["name", "last_seq", "people"]
    readonly_fields = ["last_seq", "people"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(people=Count("presence"))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="people", ordering="people")
    def people(self, room) -> int:
        return room.people
