"""The matters that wait for moderators: reports, held messages, and requests to join a room."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.text import Truncator

from chat.admin.filters import RoomFilter
from chat.admin.listing import NewestFirstMixin
from chat.admin.moderating import QueueAdmin
from chat.admin.private_rooms import PrivateRoomsMixin
from chat.admin.searching import search
from chat.models import HeldMessage, JoinRequest, Report
from chat.names import key_of
from chat.room import holding, join_requests, reports
from chat.room.text_search import contains

MAX_LISTED_TEXT = 120  # characters of a text in the list


class WaitingAdmin(NewestFirstMixin, PrivateRoomsMixin, QueueAdmin):
    """The base of these lists, the newest first."""

    list_select_related = ["room"]

    @admin.display(description="room")
    def of_room(self, row) -> str:
        return RoomFilter.link(self.opts.model_name, str(row.room_id), str(row.room))


@admin.register(Report)
class ReportAdmin(WaitingAdmin):
    """Reports of messages and people. Nobody sees those about themselves."""

    list_display = ["time", "of_room", "name", "reporter_name", "short_why", "state"]
    list_display += ["decision_time"]
    fields = ["time", "of_room", "name", "message_number", "reporter_name", "why"]
    fields += ["shown_context", "state", "decision_time"]
    list_filter = ["state", RoomFilter]
    search_fields = ["name", "reporter_name", "why"]
    search_help_text = "Names, or words of the report. Every word must be found."
    actions = ["handle", "dismiss"]

    def get_search_results(self, request, queryset, search_term):
        def matches(word):
            words = contains("name", word) | contains("reporter_name", word) | contains("why", word)
            return words | contains("key", key_of(word)) if key_of(word) else words

        return search(queryset, search_term, matches), False

    def get_queryset(self, request):
        found = QueueAdmin.get_queryset(self, request)
        if request.user.is_superuser:
            return found.exclude(user=request.user)
        return found.filter(reports.seen_by(request.user))

    @admin.display(description="number of the message")
    def message_number(self, report: Report) -> str:
        return "" if report.seq is None else str(report.seq)

    @admin.display(description="why")
    def short_why(self, report: Report) -> str:
        return Truncator(report.why).chars(MAX_LISTED_TEXT)

    @admin.display(description="messages as they were shown")
    def shown_context(self, report: Report) -> str:
        lines = ((line["name"], line["text"]) for line in report.context)
        return format_html_join("", "<p><bdi>{}</bdi>: <bdi>{}</bdi></p>", lines)

    @admin.action(description="Handle selected reports", permissions=["moderate"])
    def handle(self, request, queryset):
        self.decide(request, queryset, "Handled", reports.handle)

    @admin.action(description="Dismiss selected reports", permissions=["moderate"])
    def dismiss(self, request, queryset):
        self.decide(request, queryset, "Dismissed", reports.dismiss)


@admin.register(HeldMessage)
class HeldMessageAdmin(WaitingAdmin):
    """Messages of newcomers that wait for approval."""

    list_display = ["time", "of_room", "name", "shortened", "decision", "decision_time", "reason"]
    fields = ["time", "of_room", "name", "user", "text", "files", "reply", "decision"]
    fields += ["decision_time", "reason", "seq"]
    list_filter = ["decision", RoomFilter]
    search_fields = ["name", "text"]
    search_help_text = "Names, or words of the text. Every word must be found."
    actions = ["release", "refuse"]

    def get_search_results(self, request, queryset, search_term):
        def matches(word):
            return contains("name", word) | contains("text", word)

        return search(queryset, search_term, matches), False

    @admin.display(description="text", empty_value="")
    def shortened(self, held: HeldMessage) -> str:
        return Truncator(held.text).chars(MAX_LISTED_TEXT)

    @admin.action(description="Release selected messages", permissions=["moderate"])
    def release(self, request, queryset):
        # In the order in which they were said, which their numbers then have.
        self.act_on_all(request, queryset.order_by("at", "pk"), "Released", holding.release)

    @admin.action(description="Refuse selected messages", permissions=["moderate"])
    def refuse(self, request, queryset):
        self.decide(request, queryset, "Refused", holding.refuse)


@admin.register(JoinRequest)
class JoinRequestAdmin(WaitingAdmin):
    """Accounts that ask to be let into a room."""

    list_display = ["time", "of_room", "user"]
    fields = ["time", "of_room", "user"]
    list_filter = [RoomFilter]
    list_select_related = ["room", "user"]
    actions = ["admit", "decline"]

    @admin.action(description="Let selected people in", permissions=["moderate"])
    def admit(self, request, queryset):
        self.act_on_all(request, queryset, "Let in", join_requests.admit)

    @admin.action(description="Decline selected requests", permissions=["moderate"])
    def decline(self, request, queryset):
        self.decide(request, queryset, "Declined", join_requests.decline)
