"""The addresses from which people were here, for staff who may view addresses."""

from django.contrib import admin
from django.db.models import Q

from chat.admin.addresses import may_view_addresses
from chat.admin.filters import LinkedFilter
from chat.admin.moderating import ModerationAdmin
from chat.admin.searching import name_looks_like, search
from chat.admin.style import format_time
from chat.models import SeenAddress
from chat.names import key_of
from chat.room.networks import typed_network
from chat.room.seen_addresses import MAX_FOUND, seen_in


class PersonFilter(LinkedFilter):
    """Filter by a name, and all names that look the same."""

    title = "person"
    parameter_name = "person"

    def condition(self, value):
        return Q(key=key_of(value))


class AddressFilter(LinkedFilter):
    """Filter by one address."""

    title = "address"
    parameter_name = "address"


@admin.register(SeenAddress)
class SeenAddressAdmin(ModerationAdmin):
    """The addresses that people came from, and when they last did, the newest first."""

    list_display = ["of_person", "is_guest", "from_address", "time"]
    list_display_links = ["time"]  # the others lead to the rest of a person or of an address
    fields = ["of_person", "is_guest", "from_address", "time"]
    list_filter = [PersonFilter, AddressFilter]
    search_fields = ["name", "address"]
    search_help_text = (
        "Names, including names that look the same, an address, or a network, of which the newest "
        f"{MAX_FOUND:,} addresses are found."
    )
    ordering = ["-at"]

    def has_view_permission(self, request, obj=None):
        return may_view_addresses(request)

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches), False

    @admin.display(description="name")
    def of_person(self, seen: SeenAddress) -> str:
        return PersonFilter.link("seenaddress", seen.name)

    @admin.display(description="guest", empty_value="")
    def is_guest(self, seen: SeenAddress) -> str:
        return "guest" if seen.user_id is None else ""

    @admin.display(description="address")
    def from_address(self, seen: SeenAddress) -> str:
        return AddressFilter.link("seenaddress", seen.address)

    @admin.display(description="last time")
    def time(self, seen: SeenAddress) -> str:
        return format_time(seen.at)


def matches(word: str) -> Q:
    network = typed_network(word)
    return name_looks_like(word) if network is None else seen_in(network)
