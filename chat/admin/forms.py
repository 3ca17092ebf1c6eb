"""The forms with which staff add and edit accounts."""

from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.forms import CharField

from chat.accounts import administrators
from chat.forms import FreeUsernameMixin
from chat.models import User
from chat.room.refusal import Refused

REASONS_TO_KEEP = {
    administrators.OWN_RIGHTS: "You cannot lock yourself out; another administrator can.",
    administrators.LAST_ADMINISTRATOR: (
        "{user} is the last active administrator. Make somebody else one first."
    ),
}


class AddUserForm(FreeUsernameMixin, BaseUserCreationForm):
    """A new account; its name must obey the same rules as a name that signs up."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        # Django's UsernameField would normalize a name that signing up rejects.
        field_classes = {"username": CharField}


class EditUserForm(UserChangeForm):
    """An account; `editor` is the user who edits it."""

    editor: User

    def clean(self):
        cleaned = super().clean()
        lost_rights = [
            right
            for right in administrators.RIGHTS
            if getattr(self.instance, right) and not cleaned.get(right, True)
        ]
        if lost_rights and (reason := reason_to_keep(self.instance, self.editor)):
            self.add_error(lost_rights[0], reason)
        return cleaned


def reason_to_keep(user: User, editor: User) -> str | None:
    """Return why `editor` must not lock `user` out of the admin, or None when they may."""
    try:
        administrators.check_may_lose_rights(user, by=editor)
    except Refused as refusal:
        return REASONS_TO_KEEP[refusal.code].format(user=user)
    return None
