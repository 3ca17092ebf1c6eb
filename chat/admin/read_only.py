"""Lists that staff read and cannot edit."""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """Objects that staff can neither add, change nor delete; actions have their own permissions."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
