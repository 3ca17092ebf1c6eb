"""The list of security events, which stays fast when there are millions of them."""

from functools import partial

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.text import Truncator

from chat.accounts.addresses import network_of
from chat.accounts.events import plain_address
from chat.admin.addresses import AddressesMixin, may_view_addresses
from chat.admin.filters import LinkedFilter, StoredTimeFilter
from chat.admin.listing import NewestFirstMixin
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.searching import search
from chat.admin.style import format_time
from chat.models import SecurityEvent
from chat.names import key_of

MAX_LISTED_TEXT = 80  # characters of a user agent or a detail in the list


class AccountFilter(LinkedFilter):
    """Filter by the account that events are about."""

    title = "account"
    parameter_name = "account"

    def condition(self, value):
        return Q(account_key=key_of(value))


class StaffFilter(LinkedFilter):
    """Filter by the account that caused events of others."""

    title = "by"
    parameter_name = "by"


class NetworkFilter(LinkedFilter):
    """Filter by an address; an IPv6 address stands for its /64."""

    title = "address"
    parameter_name = "network"


@admin.register(SecurityEvent)
class SecurityEventAdmin(NewestFirstMixin, AddressesMixin, ReadOnlyAdmin):
    """Security events."""

    list_display = ["time", "kind", "count", "of_account", "by_account"]
    list_display += ["from_address", "short_agent", "short_detail"]
    fields = ["time", "kind", "count", "of_account", "by_account"]
    fields += ["from_address", "user_agent", "detail"]
    about_addresses = ["from_address", "short_agent", "user_agent", NetworkFilter]
    list_filter = ["kind", StoredTimeFilter, AccountFilter, StaffFilter, NetworkFilter]
    search_fields = ["account", "address"]
    search_help_text = "The name of an account, or an address. An IPv6 address stands for its /64."

    def get_search_results(self, request, queryset, search_term):
        finds_addresses = may_view_addresses(request)
        matches = partial(matches_event, finds_addresses=finds_addresses)
        return search(queryset, search_term, matches), False

    # Columns and fields

    @admin.display(description="time")
    def time(self, event: SecurityEvent) -> str:
        return format_time(event.at)

    @admin.display(description="account", empty_value="")
    def of_account(self, event: SecurityEvent) -> str:
        return AccountFilter.link("securityevent", event.account)

    @admin.display(description="by", empty_value="")
    def by_account(self, event: SecurityEvent) -> str:
        return StaffFilter.link("securityevent", event.by)

    @admin.display(description="address", empty_value="")
    def from_address(self, event: SecurityEvent) -> str:
        return NetworkFilter.link("securityevent", event.network, event.address)

    @admin.display(description="user agent", empty_value="")
    def short_agent(self, event: SecurityEvent) -> str:
        return format_html("<bdi>{}</bdi>", Truncator(event.user_agent).chars(MAX_LISTED_TEXT))

    @admin.display(description="detail", empty_value="")
    def short_detail(self, event: SecurityEvent) -> str:
        return format_html("<bdi>{}</bdi>", Truncator(event.detail).chars(MAX_LISTED_TEXT))


def matches_event(word: str, finds_addresses: bool) -> Q:
    """Match events that are about an account, or that came from an address or a network."""
    address = plain_address(word.removesuffix("/64"))
    if finds_addresses and address:
        return Q(network=network_of(address))
    key = key_of(word)
    return Q(account_key=key) if key else Q()
