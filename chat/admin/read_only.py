"""Lists that staff read and cannot edit."""

from chat.admin.declared import DeclaredAdmin


class ReadOnlyAdmin(DeclaredAdmin):
    """Objects that staff can neither add, change nor delete; actions have their own permissions."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
