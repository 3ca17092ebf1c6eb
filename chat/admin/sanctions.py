"""Mutes, kicks and bans: staff add and lift them, and change or delete none."""

from functools import partial

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.admin.addresses import may_view_addresses
from chat.admin.filters import RoomFilter
from chat.admin.listing import NewestFirstMixin
from chat.admin.moderating import AddingAdmin, in_shown_rooms, moderator_of
from chat.admin.moderation_forms import SanctionForm
from chat.admin.moderation_log import A_NETWORK
from chat.admin.searching import search
from chat.admin.style import format_time
from chat.models import Sanction
from chat.names import key_of
from chat.room import moderation
from chat.room.sanctions import in_force, of_searched_network
from chat.room.text_search import contains

HOLDS = "holds"
FUNCTIONS = {
    Sanction.Kind.MUTE.value: moderation.mute,
    Sanction.Kind.KICK.value: moderation.kick,
    Sanction.Kind.BAN.value: moderation.ban,
}


class StateFilter(SimpleListFilter):
    """Filter by whether a sanction holds now."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(HOLDS, "Holds"), ("ended", "Has ended")]

    def queryset(self, request, queryset):
        if self.value() == HOLDS:
            return queryset.filter(in_force())
        if self.value() == "ended":
            return queryset.exclude(in_force())
        return queryset


@admin.register(Sanction)
class SanctionAdmin(NewestFirstMixin, AddingAdmin):
    """Sanctions. Those of networks are for staff who may view addresses."""

    list_display = ["kind", "whom", "where", "begin", "end", "state", "reason", "by_name"]
    list_filter = ["kind", StateFilter, RoomFilter]
    list_select_related = ["room"]
    search_fields = ["name", "reason"]
    search_help_text = (
        "Names, words of the reason, an address or a network. Every word must be found."
    )
    actions = ["lift"]
    form = SanctionForm

    def get_queryset(self, request):
        sanctions = super().get_queryset(request).filter(in_shown_rooms(request.user, "room"))
        return sanctions if may_view_addresses(request) else sanctions.filter(network="")

    def get_search_results(self, request, queryset, search_term):
        networks = queryset if may_view_addresses(request) else None
        matches = partial(matches_sanction, networks=networks)
        return search(queryset, search_term, matches), False

    def get_fields(self, request, obj=None):
        if obj is None:
            return SanctionForm.Meta.fields
        return ["kind", "whom", "where", "begin", "end", "state", "reason", "by_name"]

    # Columns and fields

    @admin.display(description="whom")
    def whom(self, sanction: Sanction) -> str:
        return sanction.name

    @admin.display(description="where")
    def where(self, sanction: Sanction) -> str:
        return "the whole site" if sanction.room is None else str(sanction.room)

    @admin.display(description="from")
    def begin(self, sanction: Sanction) -> str:
        return format_time(sanction.since)

    @admin.display(description="until")
    def end(self, sanction: Sanction) -> str:
        return format_time(sanction.until) or "for good"

    @admin.display(description="state")
    def state(self, sanction: Sanction) -> str:
        if sanction.lifted is not None:
            by = sanction.lifted_by or "the operator"
            return f"lifted by {by}, {format_time(sanction.lifted)}"
        ended = sanction.until is not None and sanction.until <= timezone.now()
        return "has ended" if ended else HOLDS

    @admin.display(description="by")
    def by_name(self, sanction: Sanction) -> str:
        return sanction.by or "the operator"

    # Adding and lifting

    def save_model(self, request, obj, form, change):
        values = form.cleaned_data
        impose = FUNCTIONS[values["kind"]]
        sanction = impose(
            moderator_of(request),
            values["target"],
            values["room_address"],
            values["duration"],
            values["reason"],
        )
        # Staff who may not view addresses read what others have added.
        obj.pk, obj.name = sanction.pk, A_NETWORK if sanction.network else sanction.name

    @admin.action(description="Lift selected sanctions", permissions=["moderate"])
    def lift(self, request, queryset):
        self.act_on_all(request, queryset, "Lifted", moderation.lift)


def matches_sanction(word: str, networks: QuerySet[Sanction] | None) -> Q:
    """Match sanctions of a person or of one of `networks`, or with a word in their reason."""
    words = contains("name", word) | contains("reason", word)
    if key := key_of(word):
        words |= Q(key=key) | Q(user__key=key)
    of_network = of_searched_network(word, networks) if networks is not None else None
    return words if of_network is None else words | of_network
