"""The forms with which staff add sanctions and invitations."""

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.http import HttpRequest

from chat.accounts import invitations
from chat.models import Invitation, Room, Sanction
from chat.models.moderation import MAX_REASON, MAX_TARGET
from chat.models.room import MAX_SLUG
from chat.room import durations, targets
from chat.room.access import shown_to_staff
from chat.room.refusal import RefusalCode, Refused
from chat.views.moderation_refusals import sentence_of

MAX_DURATION = 10  # characters

Parsed = TypeVar("Parsed")


def typed_field(max_length: int, help_text: str, **options) -> forms.CharField:
    """Return the field of a text that browsers should neither complete nor correct."""
    attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(max_length=max_length, widget=widget, help_text=help_text, **options)


class ModerationForm(forms.ModelForm):
    """The base of forms that name a room and a duration. `request` is that of the staff member."""

    room_address = typed_field(
        MAX_SLUG,
        "The end of the address of the room. Without one the whole site is meant.",
        label="Room",
        required=False,
    )
    duration = typed_field(MAX_DURATION, "Such as 10m, 2h or 7d.", required=False)

    request: HttpRequest

    def clean_room_address(self) -> int | None:
        """Return the id of the room, or None without one."""
        slug = self.cleaned_data["room_address"].strip().lstrip("#")
        if not slug:
            return None
        room = Room.objects.filter(shown_to_staff(self.request.user), slug=slug).first()
        if room is None:
            raise forms.ValidationError(sentence_of(Refused(RefusalCode.NO_SUCH_ROOM)))
        return room.pk

    def clean_duration(self):
        text = self.cleaned_data["duration"].strip()
        return parsed(durations.parse, text) if text else None


class SanctionForm(ModerationForm):
    """A new sanction: of whom, where, for how long and why."""

    target = typed_field(MAX_TARGET, "A name, address:203.0.113.7 or network:2001:db8::/64.")
    duration = typed_field(
        MAX_DURATION,
        "Such as 10m, 2h or 7d. Without one: ten minutes for a kick, otherwise for good.",
        required=False,
    )
    reason = forms.CharField(required=False, max_length=MAX_REASON)

    class Meta:
        model = Sanction
        fields = ["kind", "target", "room_address", "duration", "reason"]

    def clean_target(self) -> targets.Target:
        return parsed(targets.find, self.cleaned_data["target"].strip())


class InvitationForm(ModerationForm):
    """A new invitation: into which room, how often, and for how long it can be used."""

    room_address = typed_field(
        MAX_SLUG,
        "The end of the address of the room in which people land, or nothing.",
        label="Room",
        required=False,
    )
    max_uses = forms.IntegerField(
        label="Uses",
        required=False,
        min_value=1,
        max_value=invitations.MAX_USES,
        help_text="How many people may use it, or nothing for any number.",
    )

    class Meta:
        model = Invitation
        fields = ["room_address", "max_uses", "duration"]


def parsed(parse: Callable[[str], Parsed], text: str) -> Parsed:
    """Return what a typed text stands for, or show why it stands for nothing."""
    try:
        return parse(text)
    except Refused as refusal:
        raise forms.ValidationError(sentence_of(refusal)) from None
