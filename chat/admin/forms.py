"""The forms with which staff add and edit accounts."""

from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
    UserChangeForm,
)

from chat.accounts import administrators, lifecycle
from chat.accounts.sessions import RenewedSession
from chat.admin.protection import reason_to_keep_rights
from chat.forms import FreeUsernameMixin, UsernameFormField
from chat.models import User
from chat.views.requester import requester_of


class AddUserForm(FreeUsernameMixin, BaseUserCreationForm):
    """A new account; its name must obey the same rules as a name that signs up."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        # Django's UsernameField would normalize a name that signing up rejects.
        field_classes = {"username": UsernameFormField}


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
        if lost_rights and (reason := reason_to_keep_rights(self.instance, self.editor)):
            self.add_error(lost_rights[0], reason)
        return cleaned


class SetUserPasswordForm(AdminPasswordChangeForm):
    """A new password for an account, or the choice that it has none.

    It ends the open connections of the account. If the editor's own password is set, the
    connections of the browser that sends the form stay open.
    """

    def __init__(self, user, *args, request, **kwargs):
        super().__init__(user, *args, **kwargs)
        self.request = request

    def save(self, commit=True):
        usable = self.cleaned_data["set_usable_password"]
        lifecycle.set_password(
            self.user,
            self.cleaned_data["password1"] if usable else None,
            self.keep_session if self.user == self.request.user else None,
            requester_of(self.request),
        )
        return self.user

    def keep_session(self) -> RenewedSession:
        key = self.request.session.session_key
        return RenewedSession(key, key)
