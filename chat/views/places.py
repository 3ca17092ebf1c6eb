"""The way to the first message of a day in a room."""

from datetime import UTC, datetime, time

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date, parse_datetime

from chat.room import places
from chat.views.readable_room import ReadableRoomMixin


class DayView(ReadableRoomMixin):
    """Answer `?since=`, a moment, with the number of a message, for scripts: {"seq": 12} or null.

    `?day=`, a day in UTC, leads to the message; to the newest ones if nothing was said since.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        moment = _moment(request.GET.get("since", ""))
        day = _midnight(request.GET.get("day", ""))
        if moment is not None:
            return JsonResponse({"seq": places.first_since(self.room.pk, moment, self.reader)})
        if day is None:
            return HttpResponseBadRequest("a day is needed, such as 2026-05-05")
        seq = places.first_since(self.room.pk, day, self.reader)
        slug = self.room.slug
        return redirect("room", slug) if seq is None else redirect("message", slug, seq)


def _moment(text: str) -> datetime | None:
    """Return a moment in the form of ISO 8601 with its time zone; None for anything else."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day and datetime.combine(day, time(), UTC)
