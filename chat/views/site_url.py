"""The address of the site, for links that are used elsewhere, such as in mails."""

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def site_url(request: HttpRequest) -> str:
    """Return scheme and host of the site: `SITE_URL`, or what is known without it.

    The host of a request may be chosen by somebody who asks for a link in the name of another
    person. Without `SITE_URL` it is one of `ALLOWED_HOSTS`, and the only one if there is no other.
    A port is left out, since any port is allowed.
    """
    if settings.SITE_URL:
        return settings.SITE_URL
    host = only_host() or split_domain_port(request.get_host())[0]
    return f"{'https' if request.is_secure() else 'http'}://{host}"


def own_url(request: HttpRequest) -> str:
    """Return the same for links that only the person who sends the request is shown.

    Without `SITE_URL` it is the host of the request with its port, by which they see the page.
    """
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def known_site_url() -> str:
    """Return the same without a request; empty where it is not known."""
    if settings.SITE_URL or (host := only_host()) is None:
        return settings.SITE_URL
    return f"{'https' if settings.HTTPS else 'http'}://{host}"


def only_host() -> str | None:
    """Return the item of `ALLOWED_HOSTS` if there is only one, which stands for one host."""
    hosts = settings.ALLOWED_HOSTS
    return hosts[0] if len(hosts) == 1 and not hosts[0].startswith((".", "*")) else None
