"""The forms of the account pages."""

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from chat.accounts import applications, lifecycle
from chat.accounts.events import NOBODY, Kind
from chat.models import User
from chat.models.access_key import MAX_KEY_NAME
from chat.models.moderation import MAX_REASON
from chat.models.passwords import opaque
from chat.names.reserved import is_reserved
from chat.names.usernames import (
    MAX_TYPED_USERNAME,
    MAX_USERNAME,
    normalize_username,
    validate_username,
)

NAME_TAKEN = "This name is taken, or looks too much like a name that is taken."
NAME_RESERVED = "This name is reserved for the people who run the site. Choose another one."
INACTIVE = "inactive"  # the code of the error at a sign-in with the right password
PASSWORD_HELP = "At least 8 characters, and not a common word."


class UsernameFormField(forms.CharField):
    """The name of an account, in the form in which it is stored."""

    def to_python(self, value):
        return normalize_username(super().to_python(value))

    def widget_attrs(self, widget):
        # A browser counts a letter and its accents one by one.
        return {**super().widget_attrs(widget), "maxlength": str(MAX_TYPED_USERNAME)}


def username_field(help_text: str = "") -> UsernameFormField:
    return UsernameFormField(
        label="User name",
        max_length=MAX_USERNAME,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


def password_field(
    label: str, help_text: str = "", autocomplete: str = "new-password"
) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def email_field(help_text: str) -> forms.EmailField:
    if not settings.SENDS_MAIL:
        help_text = "Optional. This site sends no mail at present, so it is not used."
    return forms.EmailField(
        label="Email address",
        required=False,
        max_length=User._meta.get_field("email").max_length,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class FocusErrorMixin:
    """A form that puts the cursor into its first field that has an error."""

    def add_error(self, field, error):
        super().add_error(field, error)
        invalid = [name for name in self.fields if name in self.errors]
        if invalid:
            for other in self.fields.values():
                other.widget.attrs.pop("autofocus", None)
            self.fields[invalid[0]].widget.attrs["autofocus"] = True


# For people who have no account yet


class NewPasswordForm(FocusErrorMixin, forms.Form):
    """A new password, typed twice, which must not resemble the name or address of its owner."""

    password1 = password_field("Password", PASSWORD_HELP)
    password2 = password_field("Password again")

    def owner(self) -> User:
        """Return the account that will have the password."""
        return User(
            username=self.cleaned_data.get("username", ""),
            email=self.cleaned_data.get("email", ""),
        )

    def clean(self):
        cleaned = super().clean()
        first, second = (opaque(self.cleaned_data.get(name)) for name in ("password1", "password2"))
        if first and second and first != second:
            self.add_error("password2", "The two passwords are not the same.")
        elif first:
            try:
                validate_password(first, self.owner())
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


class FreeUsernameMixin(forms.Form):
    """Checks that a new account may have the name, and that nobody has it."""

    def clean_username(self):
        username = self.cleaned_data["username"]
        validate_username(username)
        if lifecycle.is_taken(username):
            raise ValidationError(NAME_TAKEN)
        return username


class NewAccountForm(FreeUsernameMixin, NewPasswordForm):
    """The name, the password and the email address of a new account."""

    username = username_field(
        f"Letters and digits of any script, and _ . - (at most {MAX_USERNAME})."
    )
    email = email_field("Optional. It is only used when you forget your password.")
    field_order = ["username", "password1", "password2", "email"]


class SignUpForm(NewAccountForm):
    """A new account of somebody who signs up, without a reserved name."""

    def clean_username(self):
        username = super().clean_username()
        if is_reserved(username):
            raise ValidationError(NAME_RESERVED)
        return username


class ApplicationForm(SignUpForm):
    """A new account that staff have to approve."""

    email = email_field(
        "Optional. It is used to tell you whether your account was approved, and when you forget "
        "your password."
    )
    reason = forms.CharField(
        label="Why do you want to join?",
        max_length=MAX_REASON,
        help_text="The staff of the site read this, and decide about your account.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SignInForm(FocusErrorMixin, AuthenticationForm):
    # Django's own field has no maximum length that is checked on the server.
    username = username_field()
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The user name or the password is wrong.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        attributes = {"maxlength": str(MAX_TYPED_USERNAME), "autofocus": True}
        self.fields["username"].widget.attrs.update(attributes)

    def get_invalid_login_error(self):
        """Tell the owner of an inactive account, who has typed the right password, the state of it.

        Their password is checked once more. So the answer takes longer, which tells others that
        such an account exists; but anybody can see at sign-up that its name is taken.
        """
        typed = self.cleaned_data
        user = applications.of_inactive(typed["username"], typed["password"])
        if user is None:
            return super().get_invalid_login_error()
        return ValidationError(applications.sentence(user), code=INACTIVE)


class RequestResetForm(FocusErrorMixin, forms.Form):
    """The email address of an account whose password is forgotten."""

    email = forms.EmailField(
        label="Email address",
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


# For people who have an account


class OwnAccountForm(FocusErrorMixin, forms.Form):
    """A form about the account `user`."""

    def __init__(self, user: User, *args, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class CurrentPasswordForm(OwnAccountForm):
    """The current password, which proves that the owner of the account fills in the form."""

    password = password_field("Your password", autocomplete="current-password")

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("This is not your password.")
        return password


class ChangeEmailForm(CurrentPasswordForm):
    email = email_field(
        "Optional. Without an address, you cannot reset your password when you forget it."
    )
    field_order = ["email", "password"]


class NewAccessKeyForm(CurrentPasswordForm):
    """The name of a new access key, such as the computer on which it is used."""

    name = forms.CharField(
        label="Name of the key",
        max_length=MAX_KEY_NAME,
        help_text="Such as the computer or program that will use it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["name", "password"]


class ReplacePasswordForm(OwnAccountForm, NewPasswordForm):
    """A new password of an account that exists."""

    password1 = password_field("New password", PASSWORD_HELP)
    password2 = password_field("New password again")

    def owner(self):
        return self.user


class ChangePasswordForm(CurrentPasswordForm, ReplacePasswordForm):
    field_order = ["password", "password1", "password2"]


class ResetPasswordForm(ReplacePasswordForm):
    """A new password after a reset; `requester` is set by the view."""

    requester = NOBODY

    def save(self) -> User:
        lifecycle.set_password(
            self.user,
            self.cleaned_data["password1"],
            requester=self.requester,
            kind=Kind.PASSWORD_RESET,
        )
        return self.user
