"""The page with the mutes, kicks and bans that hold, on which one is added or lifted."""

from django import forms

from chat.models import SeenAddress
from chat.models.moderation import MAX_TARGET
from chat.room import lifting, moderation, moderation_entries, sanctions, seen_addresses, targets
from chat.room.moderation_rules import sees_addresses
from chat.room.refusal import Refused
from chat.views.moderation.base import ModerationView, is_about
from chat.views.moderation.forms import (
    DurationMixin,
    EntryForm,
    ModerationForm,
    reason_field,
    room_field,
    room_named,
)
from chat.views.room_forms import OF_OTHERS, SearchForm
from chat.views.rooms import page_of

PER_PAGE = 30
FUNCTIONS = {"mute": moderation.mute, "kick": moderation.kick, "ban": moderation.ban}
KINDS = {
    "mute": "Mute: may read, and not speak",
    "kick": "Kick: out, and may not come back for a while",
    "ban": "Ban: the same, for long",
}


class LiftForm(EntryForm):
    """End a sanction."""

    success = "It is lifted."

    def change(self) -> None:
        moderation.lift(self.moderator, self.cleaned_data["entry"])


class AddForm(DurationMixin, ModerationForm):
    """A new sanction, also of somebody who is not here."""

    target = forms.CharField(
        label="Whom",
        max_length=MAX_TARGET,
        help_text="A name. Those who may see addresses can also write address:203.0.113.7 or "
        "network:2001:db8::/64.",
        widget=forms.TextInput(attrs=OF_OTHERS),
    )
    kind = forms.ChoiceField(label="What", choices=list(KINDS.items()))
    room = room_field("Where", "The name or the address of a room. Empty: the whole site.")
    reason = reason_field("The person concerned sees it.")
    field_order = ["target", "kind", "room", "duration", "reason"]
    success = "It holds from now on."

    def change(self) -> None:
        values = self.cleaned_data
        room_id = room_named(values["room"], self.moderator.user)
        target = targets.find(values["target"])
        function = FUNCTIONS[values["kind"]]
        function(self.moderator, target, room_id, values["duration"], values["reason"])


class SanctionsView(ModerationView):
    template_name = "moderation/sanctions.html"
    section = "moderation_sanctions"
    forms = {"lift": LiftForm, "add": AddForm}

    def get_context_data(self, *, failed=None, **kwargs):
        search = SearchForm(self.request.GET)
        found = sanctions.active().filter(moderation_entries.sanctions_seen_by(self.request.user))
        if search.text:
            networks = sees_addresses(self.moderator)
            found = found.filter(moderation_entries.named(search.text, found, networks=networks))
        page = page_of(self.request, found, PER_PAGE)
        liftable = lifting.liftable(self.moderator, list(page))
        return super().get_context_data(
            failed=failed,
            listed=[sanction.pk for sanction in page],
            page=page,
            rows=[
                (
                    sanction,
                    sanction.pk in liftable,
                    failed.problems if is_about(failed, sanction.pk) else [],
                )
                for sanction in page
            ],
            search=search,
            addresses=self.addresses_of(search.text),
            add=failed if isinstance(failed, AddForm) else AddForm(self.moderator),
            is_adding=isinstance(failed, AddForm),
            **kwargs,
        )

    def addresses_of(self, name: str) -> list[SeenAddress]:
        """Return from where a person came, or who came from an address, if the user may see it."""
        if not name:
            return []
        try:
            return seen_addresses.asked_by(self.moderator, targets.find(name))
        except Refused:
            return []
