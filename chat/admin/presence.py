"""The list of the people who are here, with the action that disconnects them."""

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.db.models import OuterRef, Subquery

from chat.accounts import events
from chat.accounts.events import Kind
from chat.admin.addresses import AddressesMixin
from chat.admin.moderating import moderator_of
from chat.admin.protection import tell_spared
from chat.admin.read_only import ReadOnlyAdmin
from chat.admin.searching import matches_presence, search
from chat.admin.style import format_count, format_time, message_level
from chat.models import Message, Presence, Room
from chat.room import connections
from chat.views.requester import requester_of


@admin.register(Presence)
class PresenceAdmin(AddressesMixin, ReadOnlyAdmin):
    """The people who are on the site now."""

    list_display = ["name", "from_guest", "entered_at", "connections", "addresses"]
    list_display += ["processes"]
    fields = ["name", "from_guest", "user", "entered_at", "connections", "addresses"]
    fields += ["processes"]
    about_addresses = ["addresses"]
    search_fields = ["name"]
    search_help_text = "Names, including names that look the same"
    ordering = ["entered"]
    actions = ["disconnect"]

    def get_queryset(self, request):
        entry = Message.objects.filter(room=Room.first(), seq=OuterRef("entered"))
        people = super().get_queryset(request).annotate(since=Subquery(entry.values("at")))
        return people.prefetch_related("connection_set__process")

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_presence), False

    # Columns and fields

    @admin.display(description="guest", empty_value="")
    def from_guest(self, person: Presence) -> str:
        return "guest" if person.guest else ""

    @admin.display(description="entered", ordering="entered")
    def entered_at(self, person) -> str:
        return format_time(person.since)

    @admin.display
    def connections(self, person: Presence) -> str:
        """Return the number of connections at each door, such as "1 legacy, 2 web"."""
        doors = [connection.door for connection in person.connection_set.all()]
        return ", ".join(f"{doors.count(door)} {door}" for door in sorted(set(doors)))

    @admin.display
    def addresses(self, person: Presence) -> str:
        return ", ".join(sorted({row.address for row in person.connection_set.all()} - {""}))

    @admin.display
    def processes(self, person: Presence) -> str:
        return ", ".join(sorted({str(row.process) for row in person.connection_set.all()}))

    # Disconnecting

    def has_disconnect_permission(self, request) -> bool:
        return request.user.has_perm("chat.delete_presence")

    @admin.action(description="Disconnect selected people", permissions=["disconnect"])
    def disconnect(self, request, queryset):
        names = dict(queryset.values_list("pk", "name"))
        people = connections.disconnect_people(names, moderator_of(request))
        for person in people:
            events.record(Kind.DISCONNECTED, requester_of(request), person.user, person.name)
        if people:
            LogEntry.objects.log_actions(
                request.user.pk, people, DELETION, change_message="Disconnected."
            )
        disconnected = format_count(len(people), "person", "people")
        self.message_user(request, f"Disconnected: {disconnected}.", message_level(len(people)))
        tell_spared(request, set(names.values()) - {person.name for person in people})
