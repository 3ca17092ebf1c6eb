"""The filters beside the lists of messages, security events and moderation."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.admin import SimpleListFilter
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from chat.admin.declared import KEY
from chat.models import Message, Room
from chat.room import finding
from chat.room.access import shown_to_staff

# A process that could not reach the database may store a row so much later than others.
MAX_DELAY = timedelta(days=1)


class TimeSpan(NamedTuple):
    """A span of whole days, counted back from today; without an end it lasts until now."""

    label: str
    first_day: int
    end_day: int | None = None


TIME_SPANS = {
    "today": TimeSpan("Today", first_day=0),
    "yesterday": TimeSpan("Yesterday", first_day=1, end_day=0),
    "week": TimeSpan("Past 7 days", first_day=7),
    "month": TimeSpan("Past 30 days", first_day=30),
    "year": TimeSpan("Past year", first_day=365),
}


class TimeFilter(SimpleListFilter):
    """Filter by a span of time, translated to the primary keys of its first and last lines.

    The primary key is part of every index and orders the list. A condition on the time itself
    would force the database to sort.
    """

    title = "time"
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [(value, span.label) for value, span in TIME_SPANS.items()]

    @property
    def span(self) -> TimeSpan | None:
        return TIME_SPANS.get(self.value() or "")

    def queryset(self, request, queryset):
        span = self.span
        if span is None:
            return queryset
        first = first_key_since(start_of_day(span.first_day))
        if first is None:
            return queryset.none()
        queryset = queryset.filter(pk__gte=first)
        if span.end_day is not None and (end := first_key_since(start_of_day(span.end_day))):
            queryset = queryset.filter(pk__lt=end)
        return queryset


class StoredTimeFilter(TimeFilter):
    """Filter by a span of time, where some rows are stored later than others that follow them."""

    def queryset(self, request, queryset):
        span = self.span
        if span is None:
            return queryset
        begin = start_of_day(span.first_day)
        queryset = queryset.filter(at__gte=begin)
        # The database need not look at what was stored before the span began.
        earlier = queryset.model.objects.filter(at__lt=begin - MAX_DELAY).order_by("-at")
        if (last_earlier := earlier.values_list("pk", flat=True).first()) is not None:
            queryset = queryset.filter(pk__gt=last_earlier)
        if span.end_day is not None:
            queryset = queryset.filter(at__lt=start_of_day(span.end_day))
        return queryset


def start_of_day(days_ago: int) -> datetime:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days_ago)


def first_key_since(moment: datetime) -> int | None:
    """Return the primary key of the first line at or after a moment, or None."""
    rows = Message.objects.filter(at__gte=moment).order_by("at", "pk")
    return rows.values_list("pk", flat=True).first()


class RemovedFilter(SimpleListFilter):
    """Filter by whether a message was removed."""

    title = "removed"
    parameter_name = "removed"

    def lookups(self, request, model_admin):
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            queryset = queryset.filter(removed=self.value() == "yes")
        return queryset


class LinkedFilter(SimpleListFilter):
    """Filter by one exact value; the values in the list link to it."""

    def lookups(self, request, model_admin):
        return [(self.value(), self.value())] if self.value() else []

    def queryset(self, request, queryset):
        return queryset.filter(self.condition(self.value())) if self.value() else queryset

    def condition(self, value: str) -> Q:
        """Return the condition for a value."""
        return Q((self.parameter_name, value))

    @classmethod
    def link(cls, model: str, value: str, text: str = "") -> str:
        """Return a link to what a list shows for a value, or nothing for an empty value."""
        if not value:
            return ""
        url = reverse(f"admin:chat_{model}_changelist")
        query = urlencode({cls.parameter_name: value})
        return format_html('<a href="{}?{}"><bdi>{}</bdi></a>', url, query, text or value)


class NameFilter(LinkedFilter):
    """Filter by one exact name."""

    title = "name"
    parameter_name = "name"


class RoomFilter(LinkedFilter):
    """Filter by a room, which the address names by its number."""

    title = "room"
    parameter_name = "room"

    def lookups(self, request, model_admin):
        if not self.value():
            return []
        rooms = Room.objects.filter(self.condition(self.value(), "pk"))
        room = rooms.filter(shown_to_staff(request.user)).first()
        return [(self.value(), finding.title(room, None) if room else self.value())]

    def condition(self, value, field="room"):
        return Q((field, value)) if KEY.fullmatch(value) else Q(pk__in=[])
