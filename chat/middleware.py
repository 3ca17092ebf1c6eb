"""Django middleware."""

from django.http import HttpRequest
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from chat.accounts import events
from chat.accounts.events import Kind
from chat.accounts.hashing import TooManyHashes
from chat.room import sanctions
from chat.views.requester import requester_of

ALLOWED_TO_BANNED = ("/accounts/", "/admin/logout/")
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


class BannedMiddleware(MiddlewareMixin):
    """Tells accounts that are banned from the site so, in the place of every page.

    They can sign in and out and use the pages of their account, also to delete it.
    """

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not request.user.is_authenticated or is_allowed_to_banned(request):
            return None
        address = request.META.get("REMOTE_ADDR") or ""
        sanction = sanctions.banned_from_site(user=request.user, address=address)
        if sanction is None:
            return None
        context = {"sentence": sanctions.sentence(sanction)}
        return render(request, "banned.html", context, status=403)


def is_allowed_to_banned(request: HttpRequest) -> bool:
    """Return whether people who are banned from the site can use the page of a request."""
    return request.path_info.startswith(ALLOWED_TO_BANNED)


class TooManyHashesMiddleware(MiddlewareMixin):
    """Answers 503 to a request whose password cannot be hashed now because too many wait."""

    def process_exception(self, request, exception):
        if not isinstance(exception, TooManyHashes):
            return None
        events.record(Kind.THROTTLED, requester_of(request), detail="hashes")
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
