"""The answers of the legacy port about the people whom somebody ignores."""

from collections.abc import Sequence

IGNORING_NOBODY = b"You ignore nobody \n"
TOO_MANY_IGNORED = b"You ignore too many people \n"


def ignoring(name: str) -> bytes:
    """Return the answer to `ignore NAME`."""
    return f"You see nothing more of {name} \n".encode()


def seen_again(name: str) -> bytes:
    """Return the answer to `unignore`."""
    return f"You see again what {name} says \n".encode()


def listed(names: Sequence[str]) -> bytes:
    """Return the answer to `ignore` without a name."""
    return f"You ignore: {', '.join(names)} \n".encode() if names else IGNORING_NOBODY
