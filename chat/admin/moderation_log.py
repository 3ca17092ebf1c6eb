"""The log of moderation, which staff read and search, and nobody changes."""

from functools import partial

from django.contrib import admin
from django.db.models import Q
from django.template.defaultfilters import truncatechars
from django.utils.html import format_html

from chat.accounts.events import plain_address
from chat.admin.addresses import AddressesMixin, may_view_addresses
from chat.admin.filters import LinkedFilter, RoomFilter, StoredTimeFilter
from chat.admin.listing import NewestFirstMixin
from chat.admin.moderating import ModerationAdmin, in_shown_rooms
from chat.admin.searching import search
from chat.admin.style import format_time
from chat.models import ModerationEntry
from chat.names import key_of
from chat.room.moderation_entries import CONFIDENTIAL
from chat.room.networks import networks_around, split_target, typed_network
from chat.room.text_search import contains

MAX_LISTED_TEXT = 80  # characters of a reason in the list
A_NETWORK = "a network"  # for staff who may not view addresses


class ModeratorFilter(LinkedFilter):
    """Filter by the name of the account that has acted."""

    title = "by"
    parameter_name = "by"


class PersonFilter(LinkedFilter):
    """Filter by the person concerned, under every name that looks the same."""

    title = "person"
    parameter_name = "person"

    def condition(self, value):
        return Q(target_key=key_of(value))


class LogRoomFilter(RoomFilter):
    """Filter by a room, whose number the entries have."""

    def condition(self, value, field="room_id"):
        return super().condition(value, field)


@admin.register(ModerationEntry)
class ModerationEntryAdmin(NewestFirstMixin, AddressesMixin, ModerationAdmin):
    """The log of moderation."""

    list_display = ["time", "action", "by_name", "about", "of_room", "end", "short_reason", "door"]
    fields = ["time", "action", "by_name", "by_address", "about", "of_room", "seq", "end"]
    fields += ["reason", "detail", "undone_entry", "door"]
    about_addresses = ["by_address"]
    list_filter = ["action", "door", StoredTimeFilter]
    list_filter += [ModeratorFilter, PersonFilter, LogRoomFilter]
    search_fields = ["target", "by", "reason"]
    search_help_text = "Names, words of the reason, or an address. Every word must be found."

    def get_queryset(self, request):
        entries = super().get_queryset(request).filter(in_shown_rooms(request.user, "room_id"))
        return entries.exclude(action__in=CONFIDENTIAL, target_id=request.user.pk)

    def get_object(self, request, object_id, from_field=None):
        entry = super().get_object(request, object_id, from_field)
        return entry and hide_network(entry, request)

    def get_changelist_instance(self, request):
        change_list = super().get_changelist_instance(request)
        for entry in change_list.result_list:
            hide_network(entry, request)
        return change_list

    def get_search_results(self, request, queryset, search_term):
        matches = partial(matches_entry, finds_addresses=may_view_addresses(request))
        return search(queryset, search_term, matches), False

    # Columns and fields

    @admin.display(description="time")
    def time(self, entry: ModerationEntry) -> str:
        return format_time(entry.at)

    @admin.display(description="by")
    def by_name(self, entry: ModerationEntry) -> str:
        return ModeratorFilter.link("moderationentry", entry.by) or "the operator"

    @admin.display(description="whom", empty_value="")
    def about(self, entry: ModerationEntry) -> str:
        if entry.target_key:
            return PersonFilter.link("moderationentry", entry.target)
        return format_html("<bdi>{}</bdi>", entry.target)

    @admin.display(description="where", empty_value="")
    def of_room(self, entry: ModerationEntry) -> str:
        return RoomFilter.link("moderationentry", str(entry.room_id or ""), entry.room)

    @admin.display(description="until", empty_value="")
    def end(self, entry: ModerationEntry) -> str:
        return format_time(entry.until)

    @admin.display(description="reason", empty_value="")
    def short_reason(self, entry: ModerationEntry) -> str:
        words = "; ".join(filter(None, (entry.reason, entry.detail)))
        return format_html("<bdi>{}</bdi>", truncatechars(words, MAX_LISTED_TEXT))

    @admin.display(description="undoes", empty_value="")
    def undone_entry(self, entry: ModerationEntry) -> str:
        return "" if entry.undoes is None else f"entry {entry.undoes}"


def hide_network(entry: ModerationEntry, request) -> ModerationEntry:
    """Leave out the address of the target if staff may not view it, and return the entry."""
    if entry.network and not may_view_addresses(request):
        entry.target = A_NETWORK
    return entry


def matches_entry(word: str, finds_addresses: bool) -> Q:
    """Match entries about a person or a network, by a moderator, or with a word in their reason."""
    words = contains("by", word) | contains("reason", word) | contains("detail", word)
    words |= contains("target", word) & Q(network="")
    if key := key_of(word):
        words |= Q(target_key=key)
    network = typed_network(word)
    if finds_addresses and network:
        words |= Q(network__in=networks_around(network))
        if address := plain_address(split_target(word)[1]):
            words |= Q(by_address=address)
    return words
