"""Forms that create and find rooms, and the base of those that show why a change was refused."""

import re
from collections.abc import Callable, Sequence

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from chat.forms import FocusErrorMixin
from chat.models import Access, Room, User
from chat.models.room import MAX_NAME, MAX_TOPIC
from chat.names.usernames import MAX_TYPED_USERNAME
from chat.room import creation, naming, sanctions
from chat.room.creation import MAX_DIRECT
from chat.room.refusal import RefusalCode, Refused

MAX_SEARCH = 100  # characters
NO_SUCH_PERSON = "There is nobody here with the name “{name}”."
REFUSALS = {
    RefusalCode.NAME_TAKEN: "This is the name of another open room, or looks too much like it.",
    RefusalCode.BAD_NAME: f"A room has a name of 1 to {MAX_NAME} characters that can be seen. "
    "It does not begin with #, @ or *.",
    RefusalCode.TOO_LONG: f"A topic has at most {MAX_TOPIC} characters.",
    RefusalCode.NOT_ALLOWED: "You may not do this here.",
    RefusalCode.ARCHIVED: "This room is archived. It has to be reopened first.",
    RefusalCode.TOO_MANY_CREATED: "You have created too many rooms. Try again in an hour.",
    RefusalCode.LAST_OWNER: "The room needs an owner. Make somebody else an owner first.",
    RefusalCode.ASK_FIRST: "The moderators of this room decide who joins. They have your request.",
    RefusalCode.TOO_SOON: "The moderators have not let you in. You can ask again in a day",
    RefusalCode.TOO_MANY_ROOMS: "You have asked to join too many rooms. Wait for answers first.",
    RefusalCode.BANNED: "You are banned from this room",
    RefusalCode.MUTED: "You are muted",
}
FIELDS = {
    RefusalCode.NAME_TAKEN: "name",
    RefusalCode.BAD_NAME: "name",
    RefusalCode.TOO_LONG: "topic",
}
# A browser should not offer the user's own name.
OF_OTHERS = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
CHANGED_ACCESS = {
    Access.OPEN: "Open: everybody with an account can find, read and join it",
    Access.GUESTS: "Open, also for guests who connect by telnet",
    Access.PRIVATE: "Private: only people who are invited",
}
CREATED_ACCESS = {access: CHANGED_ACCESS[access] for access in (Access.OPEN, Access.PRIVATE)}


def refusal_text(refusal: Refused) -> str:
    """Return the sentence that says why a change was refused."""
    text = REFUSALS[refusal.code]
    if refusal.until is not None:
        text += f" until {sanctions.written_time(refusal.until)}"
    if refusal.reason:
        return f"{text}: {refusal.reason}"
    return text if text.endswith(".") else f"{text}."


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Name", max_length=MAX_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def topic_field() -> forms.CharField:
    return forms.CharField(
        label="Topic",
        required=False,
        max_length=MAX_TOPIC,
        help_text="Optional. What people talk about here.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def access_field(choices: dict[Access, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Who can read it",
        choices=[(access.value, label) for access, label in choices.items()],
        widget=forms.RadioSelect,
    )


class SearchForm(forms.Form):
    """The words that somebody looks for in a list; input that makes no sense finds everything."""

    q = forms.CharField(required=False, max_length=MAX_SEARCH)

    @property
    def text(self) -> str:
        return self.cleaned_data["q"] if self.is_valid() else ""


class RefusableForm(FocusErrorMixin, forms.Form):
    """A form whose change may be refused. `user` makes the change."""

    success = ""  # the sentence on the page that follows
    change: Callable[[], object]  # a method of each form: makes the change, or raises `Refused`

    def __init__(self, user: User, *args, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def try_change(self) -> bool:
        """Return whether the change was made. If it was refused, the form has an error."""
        try:
            self.result = self.change()
        except Refused as refusal:
            if refusal.code is RefusalCode.NO_SUCH_ROOM:
                raise
            field = FIELDS.get(refusal.code, NON_FIELD_ERRORS)
            self.add_error(field if field in self.fields else None, refusal_text(refusal))
            return False
        return True


class CreateRoomForm(RefusableForm):
    name = name_field()
    topic = topic_field()
    access = access_field(CREATED_ACCESS)

    def change(self) -> Room:
        values = self.cleaned_data
        private = values["access"] == Access.PRIVATE
        return creation.create(self.user, values["name"], private=private, topic=values["topic"])


class DirectRoomForm(RefusableForm):
    """The names of the people with whom `user` wants to talk."""

    names = forms.CharField(
        label="People",
        max_length=MAX_DIRECT * (MAX_TYPED_USERNAME + 2),
        help_text=f"User names with commas between them, at most {MAX_DIRECT - 1}.",
        widget=forms.TextInput(attrs=OF_OTHERS),
    )

    def clean_names(self) -> list[User]:
        names = [name for name in re.split(r"[\s,]+", self.cleaned_data["names"]) if name]
        if len(names) >= MAX_DIRECT:
            raise ValidationError(f"You can talk directly with at most {MAX_DIRECT - 1} people.")
        if not names:
            raise ValidationError("Name at least one person.")
        people = find_people(names)
        if self.user in people:
            raise ValidationError("Leave out your own name.")
        return people

    def change(self) -> Room:
        return creation.open_direct(self.user, self.cleaned_data["names"])


def find_people(names: Sequence[str]) -> list[User]:
    """Return the active accounts with some names. Raises ValidationError."""
    found = naming.accounts(names)
    for name in names:
        if name not in found:
            raise ValidationError(NO_SUCH_PERSON.format(name=name))
    return [found[name] for name in names]
