"""The URLs of the database, the mail server and Redis, turned into Django's settings.

An operator may forget to percent-encode a password. A part of it then stands where a host, a port
or a path should be, so the errors of this module never show any part of a URL.
"""

import re
from collections.abc import Collection
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from chatsite.hosts import local_host, port_number

MAX_PATH, MAX_PATH_PART = 4000, 255  # bytes of the path of a file, and of one part of it
MAX_DATABASE_NAME = 63  # bytes of the name of a PostgreSQL database
MAX_REDIS_DATABASE = 15  # a Redis has 16 databases by default

# The site sets these options of PostgreSQL's connections itself, or the URL has a place for them.
OWN_POSTGRESQL_OPTIONS = {
    *("host", "port", "dbname", "user", "password", "options", "client_encoding"),
    *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval"),
    *("keepalives_count", "tcp_user_timeout"),
}
REDIS_OPTIONS = {
    "ssl_cert_reqs": r"none|optional|required",
    "ssl_check_hostname": r"(?i:true|false)",
    "ssl_ca_certs": r".+",
    "ssl_ca_path": r".+",
    "ssl_certfile": r".+",
    "ssl_keyfile": r".+",
}


class InvalidUrl(ValueError):
    """A URL cannot be used. The text says why, and shows no part of the URL."""


class ServiceUrl(NamedTuple):
    """The parts of a URL, decoded. `hosts` are (host, port) pairs; the port may be None."""

    scheme: str
    user: str
    password: str
    hosts: list[tuple[str, int | None]]
    path: str
    options: dict[str, str]


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at a URL. Raises InvalidUrl."""
    if url.startswith("sqlite:"):
        return {"ENGINE": "chatsite.sqlite3", "NAME": _sqlite_path(url)}
    if not url.startswith(("postgres://", "postgresql://")):
        raise InvalidUrl("it must begin with sqlite:/// or postgres://")
    parts = split(url, ("postgres", "postgresql"))
    folder, _, name = parts.path.rpartition("/")
    if not name:
        raise InvalidUrl("it names no database")
    if len(name.encode()) > MAX_DATABASE_NAME:
        raise InvalidUrl(f"the name of the database has more than {MAX_DATABASE_NAME} bytes")
    if folder and (any(host for host, _ in parts.hosts) or not folder.startswith("/")):
        raise InvalidUrl("the name of the database contains a slash")
    _check_postgresql_options(parts.options)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": parts.user,
        "PASSWORD": parts.password,
        "HOST": folder or ",".join(host for host, _ in parts.hosts),
        "PORT": ",".join(str(port or "") for _, port in parts.hosts).strip(","),
        "OPTIONS": parts.options,
    }


def mail_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for the mail server at a URL. Raises InvalidUrl."""
    if url in ("consolemail:", "consolemail://"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = split(url, ("smtp", "smtp+tls", "smtp+ssl"))
    if parts.path or parts.options:
        raise InvalidUrl("nothing may follow the host and the port")
    if bool(parts.user) != bool(parts.password):  # nobody would sign in
        raise InvalidUrl("it must have both a user name and a password, or neither")
    if not (parts.user + parts.password).isascii():  # Python's smtplib fails with others
        raise InvalidUrl("the user name and the password may have ASCII characters only")
    ((host, port),) = _with_host(parts.hosts)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or (465 if parts.scheme == "smtp+ssl" else 25),
        "EMAIL_HOST_USER": parts.user,
        "EMAIL_HOST_PASSWORD": parts.password,
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }


def redis_url(url: str) -> str:
    """Return a URL that redis-py understands as it is meant. Raises InvalidUrl.

    redis-py ignores a database that is not a number, and fails later on unknown options.
    """
    parts = split(url, ("redis", "rediss"))
    ((host, port),) = _with_host(parts.hosts)
    number = parts.path or "0"
    if not re.fullmatch(r"[0-9]{1,2}", number, re.ASCII) or int(number) > MAX_REDIS_DATABASE:
        raise InvalidUrl(f"the database is a number from 0 to {MAX_REDIS_DATABASE}")
    for name, value in parts.options.items():
        if parts.scheme != "rediss" or not re.fullmatch(REDIS_OPTIONS.get(name, "(?!)"), value):
            raise InvalidUrl("it has an option that is unknown or has an unusable value")
    login = f"{quote(parts.user, '')}:{quote(parts.password, '')}@"
    address = f"[{host}]" if ":" in host else host
    options = "&".join(f"{name}={quote(value, '')}" for name, value in parts.options.items())
    return (
        f"{parts.scheme}://{login if login != ':@' else ''}{address}:{port or 6379}"
        f"/{int(number)}{'?' if options else ''}{options}"
    )


def split(url: str, schemes: Collection[str]) -> ServiceUrl:
    """Return the parts of a URL with one of the schemes. Raises InvalidUrl."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in schemes:
        raise InvalidUrl(f"it must begin with {' or '.join(f'{name}://' for name in schemes)}")
    if re.search(r"[\x00-\x20\x7f#]", rest):
        raise InvalidUrl("it contains a space, a # or a control character")
    authority, path, query = re.fullmatch(r"([^/?]*)/?([^?]*)\??(.*)", rest).groups()
    if "@" in path + query:
        raise InvalidUrl("it contains an @ after the host")
    login, _, addresses = authority.rpartition("@")
    user, _, password = login.partition(":")
    return ServiceUrl(
        scheme=scheme,
        user=_decode(user),
        password=_decode(password),
        hosts=[_host_and_port(address) for address in addresses.split(",")],
        path=_decode(path),
        options=_options(query),
    )


def _sqlite_path(url):
    """Return the path of `sqlite:///PATH`."""
    if not url.startswith("sqlite:///"):
        raise InvalidUrl("three slashes must follow sqlite:")
    if re.search(r"[\x00-\x1f\x7f?#]", url):
        raise InvalidUrl("it contains a ?, a # or a control character")
    path = _decode(url.removeprefix("sqlite:///"))
    if path in ("", ":memory:"):  # each thread would get its own database in memory
        raise InvalidUrl("it names no database")
    if path.endswith("/"):
        raise InvalidUrl("it names a folder")
    if not is_usable_path(path):
        raise InvalidUrl("the path is too long")
    return path


def is_usable_path(path: str) -> bool:
    """Return whether a path is short enough for the file system."""
    parts = path.encode().split(b"/")
    return len(path.encode()) <= MAX_PATH and all(len(part) <= MAX_PATH_PART for part in parts)


def _with_host(hosts):
    if len(hosts) != 1 or not hosts[0][0]:
        raise InvalidUrl("it must name one host")
    return hosts


def _host_and_port(address):
    found = re.fullmatch(r"(\[[^]]*\]|[^:]*)(?::(.+))?", address)
    if not found:
        raise InvalidUrl("it names no usable host")
    host, port = _decode(found[1]), found[2]
    try:
        number = port_number(port) if port else None
        # PostgreSQL takes a folder for the host of a Unix socket.
        if host and not host.startswith("/"):
            host = local_host(host)
    except ValueError:
        raise InvalidUrl("it names no usable host or port") from None
    if number == 0:
        raise InvalidUrl("the port 0 cannot be used")
    return host, number


def _decode(text):
    """Return a text with its percent-encoded characters decoded."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise InvalidUrl("a % must be followed by two hexadecimal digits")
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InvalidUrl("its percent-encoded characters are not UTF-8") from None
    if re.search(r"[\x00-\x1f\x7f]", decoded):
        raise InvalidUrl("it contains a control character")
    return decoded


def _options(query):
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"
        )
    except ValueError:
        raise InvalidUrl("the options after the ? are not NAME=VALUE") from None
    if any("\0" in name + value for name, value in pairs):
        raise InvalidUrl("it contains a control character")
    return dict(pairs)


def _check_postgresql_options(options):
    if not options:
        return
    from psycopg.pq import Conninfo  # it takes a moment, and SQLite does not need it

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not options.keys() <= known - OWN_POSTGRESQL_OPTIONS:
        raise InvalidUrl("it has an option that PostgreSQL does not know, or that the site sets")
