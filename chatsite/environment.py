"""Read settings from environment variables, and reject unusable values with one clear sentence."""

import os
import secrets
import stat
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

MAX_TITLE = 64  # characters

JOINERS = "\u200c\u200d"  # they are invisible, but words of some scripts and emoji need them
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol that are drawn as blanks


class InvalidSetting(Exception):
    """The value of an environment variable cannot be used; the text says which one and why."""


def exit_with(sentence: object) -> NoReturn:
    """End the process with status 1 and one sentence on standard error."""
    print(f"chatsite: {sentence}", file=sys.stderr)
    raise SystemExit(1)


class Environment:
    """Typed access to the environment variables of the process.

    Each method takes the name of a variable and its default, and raises `InvalidSetting` for a
    value that it cannot convert.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._variables = environ.Env()
        if values is not None:
            self._variables.ENVIRON = values

    def text(self, name: str, default: str) -> str:
        return self._variables.str(name, default=default).strip()

    def title(self, name: str, default: str) -> str:
        """Return a name that is shown on pages and in the subjects of mails."""
        value = self.text(name, default)
        if not (0 < len(value) <= MAX_TITLE and is_visible_line(value)):
            raise InvalidSetting(f"{name} must have 1 to {MAX_TITLE} visible characters")
        return value

    def items(self, name: str, default: list[str]) -> list[str]:
        """Return the items of a list that is separated by commas."""
        items = self._variables.list(name, default=default)
        return [item.strip() for item in items if item.strip()]

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise InvalidSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value in ("on", "true", "yes", "1"):
            return True
        if value in ("off", "false", "no", "0", ""):
            return False
        raise InvalidSetting(f"{name} must be on or off, not {value!r}")

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and int(value) <= 65535):
            raise InvalidSetting(f"{name} must be a port from 0 to 65535, not {value!r}")
        return int(value)

    def url(self, name: str, default: str, schemes: Sequence[str]) -> str:
        value = self.text(name, default)
        if value and value.partition(":")[0] not in schemes:
            raise InvalidSetting(f"{name} must begin with {' or '.join(schemes)}:")
        try:
            urlsplit(value).port  # noqa: B018 - a bad port is found only when it is asked for
        except ValueError as error:
            raise InvalidSetting(f"{name} is not a URL: {error}") from None
        return value

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's settings for the database at a URL.

        The accepted forms are those of django-environ's `db_url`.
        """
        url = self.url(name, default, ("sqlite", "postgres", "postgresql"))
        try:
            settings = environ.Env.db_url_config(url)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidSetting(f"{name} is not a database URL: {error}") from None
        if settings.get("NAME") in ("", None, ":memory:"):
            # Each thread would get its own database in memory.
            raise InvalidSetting(f"{name} names no database")
        return settings

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's settings for the mail server at a URL, with their names.

        The accepted forms are those of django-environ's `email_url`.
        """
        url = self.url(name, default, ("consolemail", "smtp", "smtp+tls", "smtp+ssl"))
        return environ.Env.email_url_config(url)


def is_visible_line(text: str) -> bool:
    """Return whether a text is one line of visible characters, at least one of them no mark."""
    characters = [character for character in text if character not in JOINERS]
    return all(
        character.isprintable() and character not in BLANKS for character in characters
    ) and any(unicodedata.category(character)[0] in "LNPS" for character in characters)


def load_or_create_secret_key(path: Path) -> str:
    """Return the secret key in a file, which is created if it is missing.

    Only the owner can read the file. It is written under another name and then linked, so that
    processes that start at the same time agree on one key and never see half of it.
    """
    try:
        return _read_secret_key(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process created the file first, and its key is used
    finally:
        draft.unlink()
    return _read_secret_key(path)


def _read_secret_key(path: Path) -> str:
    key = path.read_text(errors="replace").strip()
    if len(key) < 32 or not key.isascii():
        raise InvalidSetting(f"{path} holds no usable secret key; delete it to create a new one")
    return key
