"""The page for requests that fail because of an error of ours."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults

from chatsite.logs.causes import is_outage

RETRY_AFTER = 5  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, and otherwise 500.

    The pages are made without the request, because its session is in the database, too.
    """
    if not is_outage(sys.exc_info()[1]):
        return defaults.server_error(request)
    page = loader.render_to_string("503_database.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
