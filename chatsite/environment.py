"""Read settings from environment variables, and reject unusable values with one clear sentence."""

import json
import os
import re
import secrets
import stat
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from django.core.mail.message import sanitize_address

from chatsite import hosts, service_urls

MAX_TITLE = 64  # characters
RATE = re.compile(r"([1-9][0-9]{0,8})([KM]?)\+([1-9][0-9]{0,8})([KM]?)/s", re.ASCII)
MULTIPLES = {"": 1, "K": 1 << 10, "M": 1 << 20}
JOINERS = "\u200c\u200d"  # they are invisible, but words of some scripts and emoji need them
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol that are drawn as blanks

MAX_SHOWN = 80  # characters of an unusable value that a sentence shows
NOT_SHOWN = "the present value, which is not shown because it may contain a password"
MAX_LOCAL_PART = 64  # characters of a mail address before the @
MIN_KEY, MIN_KEY_CHARACTERS = 50, 5  # characters of a secret key, and different ones among them
KEY_COMMAND = 'python3 -c "import secrets; print(secrets.token_urlsafe(64))"'

Converted = TypeVar("Converted")


class InvalidSetting(Exception):
    """The value of an environment variable cannot be used; the text says which one and why."""


def exit_with(sentence: object) -> NoReturn:
    """End the process with status 1 and one sentence on standard error, after all other output."""
    with suppress(OSError):  # nobody reads the output any more
        sys.stdout.flush()
    print(f"chatsite: {sentence}", file=sys.stderr)
    raise SystemExit(1)


class Environment:
    """Typed access to the environment variables of the process.

    Each method takes the name of a variable and its default, and raises `InvalidSetting` for a
    value that it cannot convert. Values are taken as they stand: a `$` has no meaning. The class
    has one method for each type of value, so it may have more of them than others.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def text(self, name: str, default: str) -> str:
        value = self._values.get(name, default).strip()
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidSetting(f"{name} must be text in UTF-8") from None
        return value

    def title(self, name: str, default: str) -> str:
        """Return a name that is shown on pages and in the subjects of mails."""
        value = self.text(name, default)
        if not (0 < len(value) <= MAX_TITLE and is_visible_line(value)):
            raise InvalidSetting(f"{name} must have 1 to {MAX_TITLE} visible characters")
        return value

    def items(self, name: str, default: list[str]) -> list[str]:
        """Return the items of a list that is separated by commas; the default if it has none."""
        items = [item.strip() for item in self.text(name, "").split(",")]
        return [item for item in items if item] or default

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise InvalidSetting(f"{name} must be one of {', '.join(allowed)}, not {shown(value)}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value in ("on", "true", "yes", "1"):
            return True
        if value in ("off", "false", "no", "0", ""):
            return False
        raise InvalidSetting(f"{name} must be on or off, not {shown(value)}")

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        try:
            return hosts.port_number(value)
        except ValueError:
            raise InvalidSetting(
                f"{name} must be a port from 0 to {hosts.MAX_PORT}, not {shown(value)}"
            ) from None

    def number(self, name: str, default: int, smallest: int, largest: int) -> int:
        """Return a whole number within two bounds."""
        value = self.text(name, str(default))
        # More digits would only take long to convert.
        if value.isascii() and value.isdigit() and len(value) <= len(str(largest)):
            number = int(value)
            if smallest <= number <= largest:
                return number
        raise InvalidSetting(
            f"{name} must be a number from {smallest} to {largest}, not {shown(value)}"
        )

    def rate(self, name: str, default: str) -> tuple[int, int]:
        """Return how much may come at once, and how much a second: (300, 10) for `300+10/s`."""
        value = self.text(name, default)
        found = RATE.fullmatch(value)
        if found is None:
            raise InvalidSetting(
                f"{name} must say how much may come at once and then each second, such as "
                f"{default}, not {shown(value)}"
            )
        burst, burst_unit, per_second, unit = found.groups()
        return int(burst) * MULTIPLES[burst_unit], int(per_second) * MULTIPLES[unit]

    def allowed_hosts(self, name: str, default: list[str]) -> list[str]:
        """Return the host names of the site. `*` is among them if the operator says so."""
        form = "host names such as chat.example.org, or .example.org for all subdomains"
        return self._converted(name, default, hosts.allowed_host, form)

    def origins(self, name: str, default: list[str]) -> list[str]:
        form = "origins such as https://chat.example.org"
        return self._converted(name, default, hosts.origin, form)

    def site_url(self, name: str, default: str) -> str:
        """Return the address at which people reach the site; an empty one means the default."""
        value = self.text(name, default)
        try:
            return hosts.site_url(value) if value else default
        except ValueError as error:
            raise InvalidSetting(
                f"{name} must be an address such as https://chat.example.org, "
                f"not {shown(value)}: {error}"
            ) from None

    def proxies(self, name: str, default: list[str]) -> list[str]:
        """Return the addresses and networks of proxies; an empty value means no proxy."""
        form = "addresses such as 127.0.0.1, or networks such as 10.0.0.0/8"
        if not self.text(name, "-"):
            return []
        return self._converted(name, default, hosts.proxy, form)

    def _converted(
        self, name: str, default: list[str], convert: Callable[[str], str], form: str
    ) -> list[str]:
        """Return the items of a list, each of which `convert` checks and changes."""
        converted = []
        for item in self.items(name, default):
            try:
                converted.append(convert(item))
            except ValueError as error:
                # An item may be a part of a password that has a comma.
                unusable = NOT_SHOWN if "@" in self.text(name, "") else shown(item)
                raise InvalidSetting(f"{name} must list {form}, not {unusable}: {error}") from None
        return converted

    def local_host(self, name: str, default: str) -> str:
        """Return a host name or an address of this machine; an empty one means the default."""
        value = self.text(name, default)
        try:
            return hosts.local_host(value) if value else default
        except ValueError as error:
            raise InvalidSetting(
                f"{name} must be an address such as 127.0.0.1, not {shown(value)}: {error}"
            ) from None

    def folder(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not value or not service_urls.is_usable_path(value):
            raise InvalidSetting(f"{name} must be the path of a folder, not {shown(value)}")
        return value

    def storage(self, name: str, default: str) -> dict[str, Any]:
        """Return one of Django's storages, as its setting STORAGES writes them; {} for none."""
        value = self.text(name, default)
        try:
            storage = json.loads(value) if value else {}
        except (ValueError, RecursionError):
            storage = None
        known = {"BACKEND": str, "OPTIONS": dict}
        is_usable = isinstance(storage, dict) and all(
            isinstance(part, known.get(key, ())) for key, part in storage.items()
        )
        if not is_usable or (storage and "BACKEND" not in storage):
            form = '{"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {}}'
            raise InvalidSetting(f"{name} must be JSON such as {form}, not {NOT_SHOWN}")
        return storage

    def mail_address(self, name: str, default: str) -> str:
        """Return a sender, such as `Chat <chat@example.org>`."""
        value = self.text(name, default)
        if not is_sender(value):
            raise InvalidSetting(
                f"{name} must be one e-mail address such as chat@example.org or "
                f"Chat <chat@example.org>, not {shown(value)}"
            )
        return value

    # URLs, which may contain passwords and are never shown

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's settings for the database at a URL."""
        form = "sqlite:///PATH or postgres://USER:PASSWORD@HOST/NAME"
        return self._url(name, default, service_urls.database_settings, form)

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's settings for the mail server at a URL, with their names."""
        form = "consolemail:// or smtp+tls://USER:PASSWORD@HOST:587"
        return self._url(name, default, service_urls.mail_settings, form)

    def redis(self, name: str, default: str) -> str:
        """Return the URL of a Redis, or an empty text when there is none."""
        form = "redis://:PASSWORD@HOST:6379/0"
        if not self.text(name, default):
            return ""
        return self._url(name, default, service_urls.redis_url, form)

    def _url(
        self, name: str, default: str, convert: Callable[[str], Converted], form: str
    ) -> Converted:
        try:
            return convert(self.text(name, default))
        except service_urls.InvalidUrl as error:
            raise InvalidSetting(
                f"{name} cannot be used: {error}; it must look like {form}; percent-encode special "
                "characters in it, such as / as %2F"
            ) from None


def is_sender(text: str) -> bool:
    """Return whether a text is a mail address, perhaps with a name, that mail servers accept."""
    try:
        # Django changes what stands before the @ when it has other characters.
        local, _, domain = sanitize_address(text, "utf-8").removesuffix(">").rpartition("@")
        hosts.local_host(domain)
    except Exception:  # Python's parser of mail addresses raises errors of many kinds
        return False
    local = local.rpartition("<")[2]
    written = f"{local}@" in text and text.isprintable()
    return written and 0 < len(local) <= MAX_LOCAL_PART and text.count("<") == text.count(">")


def shown(value: str) -> str:
    """Return an unusable value for a sentence: on one line, not too long, without a password."""
    if re.search(r":.*@", value, re.DOTALL):  # a URL with a user name and a password
        return NOT_SHOWN
    return repr(value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}…")


def is_strong_key(key: str) -> bool:
    """Return whether a secret key is long, and no repetition of a few characters."""
    is_repetition = any(key.startswith(key[period:]) for period in range(1, len(key) // 2 + 1))
    return len(key) >= MIN_KEY and len(set(key)) >= MIN_KEY_CHARACTERS and not is_repetition


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
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
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
