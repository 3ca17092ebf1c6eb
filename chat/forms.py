"""What people type on the account pages, checked."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from chat import accounts
from chat.models import User
from chat.names.usernames import MAX_USERNAME, validate_username

NAME_TAKEN = "This name is taken, or looks too much like one that is."
PASSWORD_HELP = "At least 8 characters, and not a common word."


def password_field(label, help_text="", autocomplete="new-password"):
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def email_field(help_text):
    return forms.EmailField(
        label="E-mail",
        required=False,
        max_length=User._meta.get_field("email").max_length,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


# Of people who have no account yet


class TwoPasswords(forms.Form):
    """A new password, typed twice; judged together with what is known of its owner."""

    password1 = password_field("Password", PASSWORD_HELP)
    password2 = password_field("Password again")

    def owner(self):
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


class FreeName(forms.Form):
    """The name of an account that is to be: it keeps the rules, and is nobody's."""

    def clean_username(self):
        username = self.cleaned_data["username"]
        validate_username(username)
        if accounts.is_taken(username):
            raise ValidationError(NAME_TAKEN)
        return username


class NewAccount(FreeName, TwoPasswords):
    """A name and a password for an account that is to be."""

    username = forms.CharField(
        label="User name",
        max_length=MAX_USERNAME,
        help_text=f"Letters and digits of any script, and _ . - (at most {MAX_USERNAME}).",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    field_order = ["username", "password1", "password2"]


class SignUp(NewAccount):
    email = email_field("Optional. It is only used when you forget your password.")


class SignIn(AuthenticationForm):
    # Django's own field has no limit that is checked.
    username = UsernameField(
        label="User name",
        max_length=MAX_USERNAME,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The user name or the password is not right.",
    }


# Of people who have one


class OwnersForm(forms.Form):
    def __init__(self, user, *args, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)


class CurrentPassword(OwnersForm):
    """Proof that the owner of the account is at the keyboard."""

    password = password_field("Your password", autocomplete="current-password")

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("That is not your password.")
        return password


class ChangeEmail(CurrentPassword):
    email = email_field("Leave it empty to have none; then a forgotten password stays lost.")
    field_order = ["email", "password"]


class NewPassword(OwnersForm, TwoPasswords):
    password1 = password_field("New password", PASSWORD_HELP)
    password2 = password_field("New password again")

    def owner(self):
        return self.user


class ChangePassword(CurrentPassword, NewPassword):
    field_order = ["password", "password1", "password2"]


class ResetPassword(NewPassword):
    def save(self):
        accounts.reset_password(self.user, self.cleaned_data["password1"])
        return self.user
