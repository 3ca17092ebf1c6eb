"""The sender of a request, as security events name it."""

from django.db import Error
from django.http import HttpRequest

from chat.accounts.events import Requester


def requester_of(request: HttpRequest) -> Requester:
    """Return the address and the browser of a request, and the account that is signed in."""
    return Requester(
        address=request.META.get("REMOTE_ADDR") or "",
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        account=_signed_in(request),
    )


def _signed_in(request):
    try:
        user = getattr(request, "user", None)
        return user if user is not None and user.is_authenticated else None
    except Error:  # an event without the account is better than none
        return None
