"""Shows the addresses of people only to staff who may see them."""

from django.contrib import admin


def may_view_addresses(request) -> bool:
    """Return whether staff may see the addresses and user agents of people."""
    return request.user.has_perm("chat.view_addresses")


class AddressesMixin(admin.ModelAdmin):
    """Hides columns, fields and filters from staff who may not view addresses."""

    about_addresses = []  # names of columns and fields, and filters

    def get_list_display(self, request):
        return self._shown(request, super().get_list_display(request))

    def get_fields(self, request, obj=None):
        return self._shown(request, super().get_fields(request, obj))

    def get_list_filter(self, request):
        return self._shown(request, super().get_list_filter(request))

    def _shown(self, request, names):
        hidden = [] if may_view_addresses(request) else self.about_addresses
        return [name for name in names if name not in hidden]
