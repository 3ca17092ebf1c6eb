"""The rules for names: when two names are the same, and who may have which name."""

from chat.names.keys import key_of
from chat.names.usernames import validate_username

__all__ = ["key_of", "validate_username"]
