"""Texts to try as names, and whether an account may have one."""

import string

from django.core.exceptions import ValidationError
from hypothesis import strategies as st

from chat.names.usernames import validate_username

anything = st.text(st.characters(codec=None))
plain_words = st.text(string.ascii_letters + string.digits + "äöüßéñçåøæžłабвгдαβγδ", min_size=1)


def is_username(name):
    """Return whether an account may have a name; a refusal must give exactly one reason."""
    try:
        validate_username(name)
    except ValidationError as error:
        assert len(error.messages) == 1
        return False
    return True
