"""The forms of the pages for moderators. Each makes one decision."""

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from chat.forms import FocusErrorMixin
from chat.models import User
from chat.models.moderation import MAX_REASON
from chat.models.room import MAX_NAME
from chat.room import durations, naming
from chat.room.moderation_log import Moderator
from chat.room.refusal import RefusalCode, Refused
from chat.views.moderation_refusals import sentence_of
from chat.views.room_forms import OF_OTHERS

MAX_ID = 2**63 - 1
DURATIONS = {
    "10m": "10 minutes",
    "1h": "1 hour",
    "1d": "1 day",
    "7d": "7 days",
    "30d": "30 days",
    "": "for good (a kick: 10 minutes)",
}
FIELDS = {
    RefusalCode.BAD_TARGET: "target",
    RefusalCode.NO_SUCH_PERSON: "target",
    RefusalCode.NO_SUCH_ROOM: "room",
    RefusalCode.BAD_DURATION: "duration",
    RefusalCode.TOO_LONG: "reason",
}


def reason_field(help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label="Reason",
        required=False,
        max_length=MAX_REASON,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


def room_field(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_NAME + 1,  # with a sign before an address
        help_text=help_text,
        widget=forms.TextInput(attrs=OF_OTHERS),
    )


def room_named(text: str, user: User) -> int | None:
    """Return the id of the room with a name or an address, None for no text. Raises `Refused`."""
    if not text:
        return None
    found = naming.room(text, user.pk)
    if found.rest:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return found.room_id


def duration_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="How long", choices=list(DURATIONS.items()), required=False, initial="1d"
    )


class ModerationForm(FocusErrorMixin, forms.Form):
    """A decision of a moderator, which may be refused."""

    success = ""  # the sentence on the page that follows
    change: Callable[[], object]  # a method of each form: decides, or raises `Refused`

    def __init__(self, moderator: Moderator, *args, **kwargs) -> None:
        self.moderator = moderator
        super().__init__(*args, **kwargs)

    def try_change(self) -> bool:
        """Return whether it was decided. If it was refused, the form has an error."""
        try:
            self.change()
        except Refused as refusal:
            field = FIELDS.get(refusal.code, NON_FIELD_ERRORS)
            self.add_error(field if field in self.fields else None, sentence_of(refusal))
            return False
        return True

    @property
    def problems(self) -> list[str]:
        """The errors of all fields."""
        return [error for errors in self.errors.values() for error in errors]


class EntryForm(ModerationForm):
    """A decision about the row with the id `entry`."""

    entry = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)


class ReasonedForm(EntryForm):
    """The same with a reason."""

    reason = reason_field()


class DurationMixin(forms.Form):
    """A form with the time for which something holds."""

    duration = duration_field()

    def clean_duration(self) -> timedelta | None:
        text = self.cleaned_data["duration"]
        return durations.parse(text) if text else None
