"""What the environment says, read once and checked: every bad value is one clear sentence."""

import os
import secrets
import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ


class BadEnvironment(Exception):
    """A setting in the environment cannot be used; the text says which and why."""


def exit_with(sentence):
    """End the process with status 1 and one sentence, the way an operator wants to read it."""
    print(f"chatsite: {sentence}", file=sys.stderr)
    raise SystemExit(1)


class Environment:
    """The process's environment, with a type and a default for each name that is asked for."""

    def __init__(self, values=None):
        self.env = environ.Env()
        if values is not None:
            self.env.ENVIRON = values

    def text(self, name, default):
        return self.env.str(name, default=default).strip()

    def words(self, name, default):
        return [word.strip() for word in self.env.list(name, default=default) if word.strip()]

    def choice(self, name, default, among):
        value = self.text(name, default)
        if value not in among:
            raise BadEnvironment(f"{name} must be one of {', '.join(among)}, not {value!r}")
        return value

    def switch(self, name, default=False):
        value = self.text(name, "on" if default else "off").lower()
        if value in ("on", "true", "yes", "1"):
            return True
        if value in ("off", "false", "no", "0", ""):
            return False
        raise BadEnvironment(f"{name} must be on or off, not {value!r}")

    def port(self, name, default):
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and int(value) <= 65535):
            raise BadEnvironment(f"{name} must be a port from 0 to 65535, not {value!r}")
        return int(value)

    def url(self, name, default, schemes):
        value = self.text(name, default)
        if value and value.partition(":")[0] not in schemes:
            raise BadEnvironment(f"{name} must begin with {' or '.join(schemes)}:")
        try:
            urlsplit(value).port  # noqa: B018 - parsed when asked for
        except ValueError as error:
            raise BadEnvironment(f"{name} is not a URL: {error}") from None
        return value

    def database(self, name, default):
        """Django's settings for the database that a URL names.

        Source of the accepted forms: django-environ's `db_url`.
        """
        url = self.url(name, default, ("sqlite", "postgres", "postgresql"))
        try:
            settings = environ.Env.db_url_config(url)
        except (ValueError, KeyError, TypeError) as error:
            raise BadEnvironment(f"{name} is not a database URL: {error}") from None
        if settings.get("NAME") in ("", None, ":memory:"):
            # In memory each thread would have a database of its own.
            raise BadEnvironment(f"{name} names no database")
        return settings


def kept_secret(path: Path):
    """The key kept in a file that its owner alone can read; made at the first start.

    Two processes that start together agree on one key: the file appears whole or not at all.
    """
    try:
        return _read_secret(path)
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
        pass  # another process was first; its key counts
    finally:
        draft.unlink()
    return _read_secret(path)


def _read_secret(path):
    key = path.read_text(errors="replace").strip()
    if len(key) < 32 or not key.isascii():
        raise BadEnvironment(f"{path} holds no usable secret key; remove it to have a new one made")
    return key
