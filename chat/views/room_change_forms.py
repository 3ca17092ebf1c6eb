"""The forms that change a room, its members, or one's own membership."""

from django import forms
from django.db import transaction

from chat.models import Access, Membership, Room, User
from chat.names.usernames import MAX_TYPED_USERNAME
from chat.room import alteration, join_requests, membership, reading
from chat.views.room_forms import (
    CHANGED_ACCESS,
    OF_OTHERS,
    RefusableForm,
    access_field,
    find_people,
    name_field,
    topic_field,
)

NO_MEMBER = "This person is no member any more."
LEVELS = {
    Membership.Level.ALL: "All messages",
    Membership.Level.MENTIONS: "Mentions of me",
    Membership.Level.NOTHING: "Nothing",
}


class RoomForm(RefusableForm):
    """A change of the room `room`."""

    def __init__(self, user: User, room: Room, *args, **kwargs) -> None:
        self.room = room
        super().__init__(user, *args, **kwargs)


class DetailsForm(RoomForm):
    """The name and the topic. Only what is offered is shown."""

    name = name_field()
    topic = topic_field()
    success = "The room is changed."

    def __init__(self, *args, offered: set[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in {"name", "topic"} - offered - set(self.data):
            del self.fields[name]

    def get_initial_for_field(self, field, field_name):
        return getattr(self.room, field_name)

    @transaction.atomic
    def change(self) -> None:
        for name, function in (("name", alteration.rename), ("topic", alteration.set_topic)):
            if name in self.fields:
                function(self.room.pk, self.cleaned_data[name], by=self.user)


class AccessForm(RoomForm):
    access = access_field(CHANGED_ACCESS)
    success = "The access to the room is changed."

    def get_initial_for_field(self, field, field_name):
        return alteration.access_of(self.room).value

    def change(self) -> None:
        access = Access(self.cleaned_data["access"])
        alteration.set_access(self.room.pk, access, by=self.user)


class InviteForm(RoomForm):
    username = forms.CharField(
        label="Invite by user name",
        max_length=MAX_TYPED_USERNAME,
        widget=forms.TextInput(attrs=OF_OTHERS),
    )

    def clean_username(self) -> User:
        (person,) = find_people([self.cleaned_data["username"]])
        return person

    @property
    def success(self) -> str:
        return f"{self.cleaned_data['username']} is a member now."

    def change(self) -> None:
        membership.invite(self.room.pk, self.cleaned_data["username"], by=self.user)


class MemberForm(RoomForm):
    """A change of the member with the id `member`."""

    member = forms.ModelChoiceField(
        Membership.objects.none(),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid_choice"), NO_MEMBER),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(room=self.room).select_related("user")
        self.fields["member"].queryset = members

    @property
    def person(self) -> User:
        return self.cleaned_data["member"].user


class RoleForm(MemberForm):
    role = forms.ChoiceField(label="Role", choices=Membership.Role.choices)

    @property
    def success(self) -> str:
        return f"{self.person} is {self.cleaned_data['role']} now."

    def change(self) -> None:
        membership.set_role(self.room.pk, self.person, self.cleaned_data["role"], by=self.user)


class RemoveForm(MemberForm):
    @property
    def success(self) -> str:
        return f"{self.person} is no member any more."

    def change(self) -> None:
        membership.remove(self.room.pk, self.person, by=self.user)


class ChoicesForm(RoomForm):
    """The lines of the room of which `user` wants to be told, and where the room is listed."""

    level = forms.ChoiceField(
        label="Tell me about",
        choices=[(level.value, label) for level, label in LEVELS.items()],
        widget=forms.RadioSelect,
    )
    favourite = forms.BooleanField(label="Keep it among my favourites", required=False)
    success = "Your choices are saved."

    def get_initial_for_field(self, field, field_name):
        mine = Membership.objects.filter(room=self.room, user=self.user)
        return mine.values_list(field_name, flat=True).first()

    @transaction.atomic
    def change(self) -> None:
        values = self.cleaned_data
        reading.set_level(self.user.pk, self.room.pk, values["level"])
        reading.set_favourite(self.user.pk, self.room.pk, wanted=values["favourite"])


class JoinForm(RoomForm):
    success = "You are a member now."

    def change(self) -> None:
        join_requests.join_or_ask(self.room.pk, self.user)


class LeaveForm(RoomForm):
    def change(self) -> None:
        membership.part(self.room.pk, self.user)


class ArchiveForm(RoomForm):
    success = "The room is archived. It can still be read."

    def change(self) -> None:
        alteration.archive(self.room.pk, by=self.user)


class ReopenForm(RoomForm):
    success = "The room is open for messages again."

    def change(self) -> None:
        alteration.reopen(self.room.pk, by=self.user)
