"""The answer to a form without a valid CSRF token, which another site may have sent."""

import re

from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure

from chat.accounts import events
from chat.accounts.events import Kind, Requester

AFTER_HOST = re.compile(r"(://[^/?#\s]*)\S*")  # what follows the host in a URL


def refuse_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Record the refusal, and explain it with Django's page."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    requester = Requester(request.META.get("REMOTE_ADDR") or "", agent)
    # The reason may name the page that sent the form. Its address could contain a secret.
    events.record(Kind.FORM_REFUSED, requester, detail=AFTER_HOST.sub(r"\1", reason))
    return csrf_failure(request, reason)
