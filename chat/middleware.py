"""Django middleware."""

from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from chat.accounts import events
from chat.accounts.events import Kind
from chat.accounts.hashing import TooManyHashes
from chat.views.requester import requester_of

RETRY_AFTER = 5  # seconds
UNUSED_FEATURES = [
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
    *("microphone", "midi", "payment", "usb"),
]
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Tells browsers that no page of the site uses these devices, whatever it contains."""

    def process_response(self, request, response):
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class TooManyHashesMiddleware(MiddlewareMixin):
    """Answers 503 to a request whose password cannot be hashed now because too many wait."""

    def process_exception(self, request, exception):
        if not isinstance(exception, TooManyHashes):
            return None
        events.record(Kind.THROTTLED, requester_of(request), detail="hashes")
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
