"""The names that accounts may have."""

import unicodedata

from django.core.exceptions import ValidationError
from precis_i18n import get_profile

from chat.names.characters import (
    MAX_MARKS,
    has_too_many_marks,
    is_joiner_in_place,
    without_joiners,
)
from chat.wire.characters import is_visible

MAX_USERNAME = 30  # characters
# Characters that are normalized; in its decomposed form a character has at most four.
MAX_TYPED_USERNAME = 4 * MAX_USERNAME
DELETED_USER = "deleted user"  # the name on the lines of deleted accounts; nobody can have it
PUNCTUATION = "_.-"
PRECIS = get_profile("UsernameCasePreserved")


def normalize_username(name: str) -> str:
    """Return the name that an account gets when somebody types `name`: the composed form (NFC)."""
    return unicodedata.normalize("NFC", name) if len(name) <= MAX_TYPED_USERNAME else name


def validate_username(name: str) -> None:
    """Raise ValidationError unless an account may have this name, once it is normalized.

    The error says what to change. Letters and digits of any script, `_`, `.` and `-`, as PRECIS
    (RFC 8265) allows them: no wide or otherwise compatible forms, one direction of writing.
    """
    name = normalize_username(name)
    if not name or len(name) > MAX_USERNAME:
        message = f"A user name has 1 to {MAX_USERNAME} characters; this one has {len(name)}."
        raise ValidationError(message, "length")
    for place, character in enumerate(name):
        _validate_character(name, place, character)
    if not any(map(is_letter_or_digit, name)):
        raise ValidationError("A user name needs at least one letter or digit.", "characters")
    _validate_marks(name)
    _validate_precis(name)


def is_letter_or_digit(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd"


def _validate_character(name: str, place: int, character: str) -> None:
    if is_joiner_in_place(name, place):
        return
    if character.isspace():
        message = "A user name has no spaces. Put _ . or - between words, or write them as one."
    elif not is_visible(character):
        message = f"Remove character {place + 1} (U+{ord(character):04X}). It does not show."
    elif not character.isprintable():
        message = f"Remove character {place + 1} (U+{ord(character):04X}). It is not a letter."
    elif character in PUNCTUATION or is_letter_or_digit(character) or _is_accent(character):
        return
    else:
        message = (
            f"A user name cannot contain “{character}”. "
            "Use letters and digits of any script, and _ . -"
        )
    raise ValidationError(message, "characters")


def _validate_marks(name: str) -> None:
    before = PUNCTUATION[0]
    for character in without_joiners(name):
        if _is_accent(character) and before in PUNCTUATION:
            message = "An accent or vowel sign needs a letter before it."
            raise ValidationError(message, "marks")
        before = character
    if has_too_many_marks(name):
        message = f"A letter has at most {MAX_MARKS} accents or vowel signs. Remove some of them."
        raise ValidationError(message, "marks")


def _validate_precis(name: str) -> None:
    if _precis(name) == name:
        return
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        message = "A user name has no wide, small or otherwise special forms of letters."
        if _precis(plain) == plain:
            message += f" Write it as “{plain}”."
    else:
        message = _precis_message(name)
    raise ValidationError(message, "form")


def _precis_message(name: str) -> str:
    """Return what to change in a name whose characters or order PRECIS does not allow."""
    try:
        PRECIS.base.enforce(name)
    except UnicodeEncodeError as error:
        if "arabic_indic" in error.reason:
            return "Use digits of one kind only: Arabic ones or Persian ones."
        return f"A user name cannot contain “{name[error.start]}”. Use another letter."
    return (
        "Use letters of one direction of writing only. A name that is written from right to left "
        "begins with a letter and ends with a letter or digit."
    )


def _is_accent(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc")


def _precis(name: str) -> str | None:
    """Return what PRECIS makes of `name`; None when it does not allow it."""
    try:
        return PRECIS.enforce(name)
    except UnicodeEncodeError:
        return None
