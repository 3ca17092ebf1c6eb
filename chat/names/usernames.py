"""The names that accounts may have."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from precis_i18n import get_profile

MAX_USERNAME = 30  # characters
DELETED_USER = "deleted user"  # the name on the lines of deleted accounts; nobody can have it

# A spelling is matched as a text of kinds, see `_kind`. Vowel signs and accents need a few marks
# on one letter; a tower of marks would cover the lines above.
SPELLING = re.compile("[_.-]*(?:am{0,4}[_.-]*)+")
PRECIS = get_profile("UsernameCasePreserved")


def validate_username(name: str) -> None:
    """Raise ValidationError unless an account may have this name.

    Letters and digits of any script, `_`, `.` and `-`, in the form that PRECIS (RFC 8265) gives
    them: composed (NFC), no wide or otherwise compatible forms, one direction of writing.
    """
    if not name or len(name) > MAX_USERNAME:
        raise ValidationError(f"A user name has 1 to {MAX_USERNAME} characters.", "length")
    if not _is_spelled_well(name):
        raise ValidationError(
            "A user name consists of letters, digits, and _ . - and has at least one letter or "
            "digit.",
            "characters",
        )
    if not _is_precis(name):
        raise ValidationError(
            "A user name must not contain wide, decomposed or other unusual forms of letters, and "
            "must not mix directions of writing.",
            "form",
        )


def _is_spelled_well(name: str) -> bool:
    return bool(SPELLING.fullmatch("".join(map(_kind, name))))


def _kind(character: str) -> str:
    """Return `a` for a letter or digit, `m` for a combining mark, `_`, `.` or `-`, else `?`."""
    category = unicodedata.category(character)
    if category[0] == "L" or category == "Nd":
        return "a"
    if category in ("Mn", "Mc"):
        return "m"
    return character if character in "_.-" else "?"


def _is_precis(name: str) -> bool:
    try:
        return PRECIS.enforce(name) == name
    except UnicodeEncodeError:
        return False
