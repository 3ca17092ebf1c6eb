"""The form in which passwords are stored and compared: OpaqueString of RFC 8265.

The same text can be typed in several ways: `é` is one code point on most keyboards, and a letter
and an accent on some others. Different kinds of spaces also count as the same.
"""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from precis_i18n import get_profile

MAX_PASSWORD = 1_000  # characters; normalizing a longer text could take long
OPAQUE_STRING = get_profile("OpaqueString")


def opaque(password: str | None) -> str | None:
    """Return the form in which a password is stored.

    A password that OpaqueString does not allow keeps its form; `PasswordValidator` refuses it.
    """
    if password is None or password.isascii() or len(password) > MAX_PASSWORD:
        return password
    try:
        return OPAQUE_STRING.enforce(password)
    except UnicodeEncodeError:
        return password


def possible_stored_forms(password: str | None) -> Iterator[str | None]:
    """Return the forms of a typed password that may be the stored one, the likely one first.

    Passwords were once stored as they were typed. This form is returned only if it differs, so that
    most wrong guesses cost one hash.
    """
    yield opaque(password)
    if opaque(password) != password:
        yield password


class PasswordValidator:
    """Refuses new passwords that OpaqueString does not allow. One of Django's validators."""

    def validate(self, password, user=None):
        if len(password) > MAX_PASSWORD:
            message = f"This password is too long. It can have {MAX_PASSWORD:,} characters."
            raise ValidationError(message, "password_too_long")
        try:
            if password:
                OPAQUE_STRING.enforce(password)
        except UnicodeEncodeError as error:
            code_point = f"U+{ord(error.object[error.start]):04X}"
            message = f"A password cannot contain the character {code_point}. Use another one."
            raise ValidationError(message, "password_character") from None

    def get_help_text(self):
        return "Your password can contain letters, digits, signs and spaces of any script."
