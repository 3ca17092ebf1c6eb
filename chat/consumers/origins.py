"""Which web pages may open the socket: our own, and those that the operator trusts."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

SCHEMES = {"ws": "http", "wss": "https"}


def is_our_own(scope):
    """Whether a WebSocket was opened by a page of this site.

    The origin must equal the request's own scheme, host and port, on a host that is allowed (or
    DNS could be turned against us), or be one of CSRF_TRUSTED_ORIGINS. Browsers always send one
    (RFC 6455, 4.1), so a missing one is no browser's.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get(b"origin", "").lower()
    host = headers.get(b"host", "").lower()
    if not origin:
        return False
    domain, _ = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        own = f"{_scheme(scope, headers)}://{host}"
        if _with_port(origin) is not None and _with_port(origin) == _with_port(own):
            return True
    return any(_matches(origin, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS)


def _scheme(scope, headers):
    """`http` or `https`, by the proxy's word where the settings trust it."""
    if trusted := settings.SECURE_PROXY_SSL_HEADER:
        name, value = trusted
        header = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
        if header in headers:
            return "https" if headers[header].split(",")[0].strip() == value else "http"
    return SCHEMES.get(scope.get("scheme", "ws"), "http")


def _with_port(origin):
    """(scheme, host, port) of an origin, the port that the scheme implies written out."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)


def _matches(origin, trusted):
    """Whether an origin is a trusted one; `https://*.example.org` stands for its subdomains."""
    if "://*." not in trusted:
        return _with_port(origin) is not None and _with_port(origin) == _with_port(trusted.lower())
    scheme, _, domain = trusted.lower().partition("://*.")
    given_scheme, given_host, _ = _with_port(origin) or (None, None, None)
    return given_scheme == scheme and (given_host or "").endswith(f".{domain}")
