"""The page with the log of moderation."""

from urllib.parse import urlencode

from django import forms

from chat.models import ModerationEntry
from chat.names.usernames import MAX_TYPED_USERNAME
from chat.room import moderation_entries
from chat.room.moderation_entries import EntryFilter
from chat.room.refusal import Refused
from chat.views.mentions import number_before
from chat.views.moderation.base import ModerationView
from chat.views.moderation.forms import room_field, room_named
from chat.views.moderation_refusals import sentence_of
from chat.views.room_forms import OF_OTHERS

PER_PAGE = 50
ACTIONS = [("", "Everything"), *ModerationEntry.Action.choices]


class FilterForm(forms.Form):
    """The entries that somebody looks for."""

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=MAX_TYPED_USERNAME,
        widget=forms.TextInput(attrs=OF_OTHERS),
    )
    room = room_field("Room")
    action = forms.ChoiceField(label="Action", required=False, choices=ACTIONS)

    def __init__(self, user, *args, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_room(self) -> int | None:
        try:
            return room_named(self.cleaned_data["room"], self.user)
        except Refused as refusal:
            raise forms.ValidationError(sentence_of(refusal)) from None

    def wanted(self) -> EntryFilter | None:
        """Return what is looked for, or None for fields that make no sense."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        return EntryFilter(values["name"], values["room"], values["action"])


class LogView(ModerationView):
    """The newest entries; `?before=` the id of an entry shows earlier ones."""

    template_name = "moderation/log.html"
    section = "moderation_log"

    def get_context_data(self, **kwargs):
        asked = self.request.GET
        form = FilterForm(self.request.user, asked, auto_id="filter_%s")
        wanted, before = form.wanted(), number_before(self.request)
        found = []
        if wanted is not None:
            entries = moderation_entries.entries(self.request.user, wanted, before)
            found = list(entries[: PER_PAGE + 1])
        shown = found[:PER_PAGE]
        filters = {name: asked[name] for name in form.fields if asked.get(name)}
        return super().get_context_data(
            filter=form,
            entries=shown,
            filters=urlencode(filters),
            older=shown[-1].pk if len(found) > PER_PAGE else None,
            is_first="before" not in asked,
            **kwargs,
        )
