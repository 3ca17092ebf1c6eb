"""The filters beside the list of messages."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.admin import SimpleListFilter
from django.utils import timezone

from chat.models import Message


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

    def queryset(self, request, queryset):
        span = TIME_SPANS.get(self.value() or "")
        if span is None:
            return queryset
        first = first_key_since(start_of_day(span.first_day))
        if first is None:
            return queryset.none()
        queryset = queryset.filter(pk__gte=first)
        if span.end_day is not None and (end := first_key_since(start_of_day(span.end_day))):
            queryset = queryset.filter(pk__lt=end)
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


class NameFilter(SimpleListFilter):
    """Filter by one exact name; the names in the list link to it."""

    title = "name"
    parameter_name = "name"

    def lookups(self, request, model_admin):
        return [(self.value(), self.value())] if self.value() else []

    def queryset(self, request, queryset):
        return queryset.filter(name=self.value()) if self.value() else queryset
