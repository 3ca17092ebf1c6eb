"""Decides which web pages may open the WebSocket: our own, and those that the operator trusts."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

SCHEMES = {"ws": "http", "wss": "https"}
DEFAULT_PORTS = {"http": 80, "https": 443}


def is_our_own(scope: dict[str, Any]) -> bool:
    """Return whether a WebSocket was opened by a page that may do so.

    The origin must be the request's own scheme, host and port, or one of CSRF_TRUSTED_ORIGINS. The
    host must be allowed, because an attacker's domain name may be pointed at us. A request without
    an origin is refused: browsers always send one (RFC 6455, 4.1).
    """
    headers = dict(scope["headers"])
    origin, host = (
        headers.get(name, b"").decode("latin-1").lower() for name in (b"origin", b"host")
    )
    if not origin:
        return False
    domain, _ = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        own = f"{SCHEMES.get(scope.get('scheme', 'ws'), 'http')}://{host}"
        if _is_same(origin, own):
            return True
    return any(_matches(origin, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS)


def _is_same(origin, other):
    return _parts(origin) is not None and _parts(origin) == _parts(other)


def _parts(origin):
    """Return (scheme, host, port), with the port that the scheme implies; None if malformed."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS.get(parts.scheme)


def _matches(origin, trusted):
    """Return whether an origin is a trusted one; `https://*.example.org` means all subdomains."""
    trusted = trusted.lower()
    if "://*." not in trusted:
        return _is_same(origin, trusted)
    trusted_scheme, _, domain = trusted.partition("://*.")
    scheme, host, _ = _parts(origin) or (None, None, None)
    return scheme == trusted_scheme and (host or "").endswith(f".{domain}")
