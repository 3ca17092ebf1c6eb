"""The list of rooms, and the page on which staff change an open room and its members."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.shortcuts import redirect

from chat.accounts import events
from chat.accounts.events import Kind
from chat.admin.declared import DeclaredAdmin
from chat.admin.filters import RoomFilter
from chat.admin.members import MemberInline
from chat.admin.moderating import moderator_of
from chat.admin.private_rooms import PrivateRoomsMixin
from chat.admin.searching import search
from chat.admin.style import format_count, message_level
from chat.models import Access, Membership, Room
from chat.room import alteration, log, membership, room_rules
from chat.room.refusal import RefusalCode, Refused
from chat.room.room_rules import MAX_SLOW
from chat.room.text_search import contains
from chat.views.requester import requester_of
from chat.views.room_forms import refusal_text

RULES = {
    "slow_seconds": room_rules.set_slow,
    "locked": room_rules.set_locked,
    "by_request": room_rules.set_by_request,
    "tells_moderation": room_rules.set_tells,
}
NOT_THERE = "The room or the member is not there any more."


class RoomChangeForm(forms.ModelForm):
    """The changes that staff make to an open room."""

    access = forms.ChoiceField(choices=Access.choices)
    slow_seconds = forms.IntegerField(
        label="Slow mode",
        required=False,
        min_value=0,
        max_value=MAX_SLOW,
        help_text="The seconds between two messages of one person. 0 turns it off.",
    )

    class Meta:
        model = Room
        fields = ["name", "topic", "slow_seconds", "locked", "by_request", "tells_moderation"]
        labels = {"tells_moderation": "Notices"}
        help_texts = {
            "locked": "Only moderators may speak.",
            "by_request": "Moderators decide who may join.",
            "tells_moderation": "Lines tell the room what moderators have done there.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.is_lobby:
            del self.fields["access"]

    def clean_slow_seconds(self):
        return self.cleaned_data["slow_seconds"] or 0

    def get_initial_for_field(self, field, field_name):
        if field_name == "access":
            return alteration.access_of(self.instance).value
        return super().get_initial_for_field(field, field_name)


@admin.register(Room)
class RoomAdmin(PrivateRoomsMixin, DeclaredAdmin):
    """Rooms. All changes are made by `chat.room`, which locks the room and writes its log.

    Nobody adds or deletes a room here: rooms have owners, and logs are kept. Private and direct
    rooms belong to their members; superusers see them and change nothing.
    """

    list_display = ["__str__", "kind", "topic", "last_seq", "members", "archived"]
    list_filter = ["kind", "archived", "guests_allowed"]
    list_per_page = 100
    list_max_show_all = 100
    search_fields = ["name", "topic"]
    search_help_text = "Words of the name, the topic or the address"
    ordering = ["pk"]
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER
    form = RoomChangeForm
    fields = ["name", "topic", "access", "by_request", "slow_seconds", "locked"]
    fields += ["tells_moderation", "kind", "slug", "archived", "last_seq", "members"]
    readonly_fields = ["kind", "slug", "archived", "last_seq", "members"]
    inlines = [MemberInline]
    actions = ["archive", "reopen"]

    def get_queryset(self, request):
        members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room")
        number = Subquery(members.values(number=Count("pk")))
        return super().get_queryset(request).annotate(number=Coalesce(number, Value(0)))

    def get_search_results(self, request, queryset, search_term):
        return search(queryset, search_term, matches_room), False

    @admin.display(description="members")
    def members(self, room) -> str:
        """Return the number of members as a link to them."""
        return RoomFilter.link("membership", str(room.pk), str(room.number))

    # Permissions

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        is_open = obj is None or obj.kind == Room.Kind.OPEN
        return is_open and super().has_change_permission(request, obj)

    def get_fields(self, request, obj=None):
        may_change = self.has_change_permission(request, obj)
        if may_change and (obj is None or not obj.is_lobby):
            return self.fields
        left_out = {"access", "by_request"} if may_change else {"access"}
        return [name for name in self.fields if name not in left_out]

    # Changing

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show and change a room. A refusal takes back the whole change."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            self.message_user(request, reason_of(refusal), messages.ERROR)
            return redirect(request.path)

    def save_model(self, request, obj, form, change):
        values, moderator = form.cleaned_data, moderator_of(request)
        if "access" in form.changed_data:
            log.lock_lobby()  # before the room, as everybody does who locks both
        for name, function in (("name", alteration.rename), ("topic", alteration.set_topic)):
            if name in form.changed_data:
                function(obj.pk, values[name], request.user, moderator=moderator)
        if "access" in form.changed_data:
            access = Access(values["access"])
            alteration.set_access(obj.pk, access, request.user, moderator=moderator)
        for name, function in RULES.items():
            if name in form.changed_data:
                function(moderator, obj.pk, values[name])

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)  # so that Django knows what to log
        room, moderator, changes = form.instance, moderator_of(request), []
        for row, _ in formset.changed_objects:  # first, since a new owner may let the old one go
            membership.set_role(room.pk, row.user, row.role, request.user, moderator=moderator)
            changes.append(f"{row.user}: {row.role}")
        for row in formset.deleted_objects:
            membership.remove(room.pk, row.user, request.user, moderator=moderator)
            changes.append(f"{row.user}: removed")
        if changes:
            self.record(requester_of(request), "changed members of", room, changes)

    # Actions

    @admin.action(description="Archive selected rooms", permissions=["change"])
    def archive(self, request, queryset):
        self._change_all(request, queryset.filter(archived=False), "Archived", alteration.archive)

    @admin.action(description="Reopen selected rooms", permissions=["change"])
    def reopen(self, request, queryset):
        self._change_all(request, queryset.filter(archived=True), "Reopened", alteration.reopen)

    def _change_all(self, request, rooms, verb, function):
        changed = 0
        for room in rooms:
            try:
                function(room.pk, request.user, moderator=moderator_of(request))
            except Refused as refusal:
                reason = f"{room}: {reason_of(refusal)}"
                self.message_user(request, reason, messages.WARNING)
            else:
                changed += 1
                self.log_change(request, room, f"{verb}.")
                detail = f"{verb.lower()} room “{room}”"
                events.record(Kind.STAFF_ACTION, requester_of(request), detail=detail)
        text = f"{verb}: {format_count(changed, 'room')}."
        self.message_user(request, text, message_level(changed))


def matches_room(word: str) -> Q:
    return contains("name", word) | contains("topic", word) | Q(slug=word)


def reason_of(refusal: Refused) -> str:
    """Return why nothing was changed, as a sentence."""
    if refusal.code is RefusalCode.NO_SUCH_ROOM:
        return NOT_THERE
    return refusal_text(refusal)
