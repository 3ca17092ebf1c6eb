"""The address that a load balancer asks."""

from django.http import HttpRequest, HttpResponse

from chat.live import process


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process takes new visitors, and 503 once it has begun to stop."""
    if process.is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", content_type="text/plain", status=503)
