"""The list of memberships, which stays fast when there are many."""

from django.contrib import admin
from django.db.models import Q

from chat.admin.filters import LinkedFilter, RoomFilter
from chat.admin.listing import NewestFirstMixin
from chat.admin.private_rooms import PrivateRoomsMixin
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.searching import name_looks_like, search
from chat.admin.style import format_time
from chat.models import Membership, User


class MemberFilter(LinkedFilter):
    """Filter by an account, which the address names by its name."""

    title = "user"
    parameter_name = "user"

    def condition(self, value):
        return Q(user__in=User.objects.filter(username=value))


@admin.register(Membership)
class MembershipAdmin(NewestFirstMixin, PrivateRoomsMixin, ReadOnlyAdmin):
    """The members of all rooms. Staff change the members of a room on its own page."""

    list_display = ["number", "of_user", "of_room", "role", "level", "member_since"]
    fields = ["user", "room", "role", "level", "read_seq", "member_since", "hidden"]
    list_filter = ["role", RoomFilter, MemberFilter]
    list_select_related = ["room", "user"]
    search_fields = ["user"]
    search_help_text = "Names, including names that look the same"

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_member), False

    @admin.display(description="number")
    def number(self, membership: Membership) -> int:
        return membership.pk

    @admin.display(description="user")
    def of_user(self, membership: Membership) -> str:
        return MemberFilter.link("membership", membership.user.username)

    @admin.display(description="room")
    def of_room(self, membership: Membership) -> str:
        return RoomFilter.link("membership", str(membership.room_id), str(membership.room))

    @admin.display(description="since")
    def member_since(self, membership: Membership) -> str:
        return format_time(membership.since)


def matches_member(word: str) -> Q:
    return Q(user__in=User.objects.filter(name_looks_like(word)))
