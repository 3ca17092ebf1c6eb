"""The forms of the account pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from chat.accounts import lifecycle
from chat.models import User
from chat.names.usernames import MAX_USERNAME, validate_username

NAME_TAKEN = "This name is taken, or looks too much like a name that is taken."
PASSWORD_HELP = "At least 8 characters, and not a common word."


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
    return forms.EmailField(
        label="E-mail",
        required=False,
        max_length=User._meta.get_field("email").max_length,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


# For people who have no account yet


class NewPasswordForm(forms.Form):
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
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
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
    """The name and the password of a new account."""

    username = forms.CharField(
        label="User name",
        max_length=MAX_USERNAME,
        help_text=f"Letters and digits of any script, and _ . - (at most {MAX_USERNAME}).",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    field_order = ["username", "password1", "password2"]


class SignUpForm(NewAccountForm):
    email = email_field("Optional. It is only used when you forget your password.")


class SignInForm(AuthenticationForm):
    # Django's own field has no maximum length that is checked on the server.
    username = UsernameField(
        label="User name",
        max_length=MAX_USERNAME,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The user name or the password is wrong.",
    }


# For people who have an account


class OwnAccountForm(forms.Form):
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


class ReplacePasswordForm(OwnAccountForm, NewPasswordForm):
    """A new password of an account that exists."""

    password1 = password_field("New password", PASSWORD_HELP)
    password2 = password_field("New password again")

    def owner(self):
        return self.user


class ChangePasswordForm(CurrentPasswordForm, ReplacePasswordForm):
    field_order = ["password", "password1", "password2"]


class ResetPasswordForm(ReplacePasswordForm):
    def save(self) -> User:
        lifecycle.set_password(self.user, self.cleaned_data["password1"])
        return self.user
