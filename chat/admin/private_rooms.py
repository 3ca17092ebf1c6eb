"""Private and direct rooms in the lists: superusers see them, and each look is recorded."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef

from chat.accounts import events
from chat.accounts.events import Kind
from chat.admin.moderating import moderator_of
from chat.admin.recording import details
from chat.models import Room
from chat.room import finding, moderation_log
from chat.room.access import shown_to_staff
from chat.views.requester import requester_of


class PrivateRoomsMixin(admin.ModelAdmin):
    """Hides what belongs to private and direct rooms from staff who are not superusers.

    Events and the log of moderation name the rooms by their numbers, because other staff may read
    both.
    """

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.user.is_superuser:
            return queryset
        condition = shown_to_staff(request.user)
        if self.model is Room:
            return queryset.filter(condition)
        # A condition on each row: a list of rooms could make the database sort all their rows.
        return queryset.filter(Exists(Room.objects.filter(condition, pk=OuterRef("room"))))

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            self.record_look(request, [found])
            name_direct_rooms([found])
        return found

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        if change_list := (getattr(response, "context_data", None) or {}).get("cl"):
            self.record_look(request, change_list.result_list)
            name_direct_rooms(change_list.result_list)
        return response

    def record_look(self, request, rows: Iterable[Model]) -> None:
        """Record which private and direct rooms a page shows something of."""
        room_ids = {getattr(row, "room_id", row.pk) for row in rows}
        private = Room.objects.filter(pk__in=room_ids).exclude(kind=Room.Kind.OPEN)
        numbers = [str(pk) for pk in private.order_by("pk").values_list("pk", flat=True)]
        begin = f"looked at {self.opts.verbose_name_plural}, private rooms: "
        for detail in details(numbers, begin):
            events.record(Kind.STAFF_ACTION, requester_of(request), detail=detail)
            moderation_log.record_look(moderator_of(request), detail)


def name_direct_rooms(rows: Iterable[Model]) -> None:
    """Let the direct rooms of a page be shown by the people who are in them."""
    rooms = [getattr(row, "room", row) for row in rows]
    titles = finding.titles(rooms, None)
    for room in rooms:
        room.title = titles[room.pk] if room.kind == Room.Kind.DIRECT else ""
