"""Django middleware."""

from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from chat.accounts.hashing import TooManyHashes

RETRY_AFTER = 5  # seconds


class TooManyHashesMiddleware(MiddlewareMixin):
    """Answers 503 to a request whose password cannot be hashed now because too many wait."""

    def process_exception(self, request, exception):
        if not isinstance(exception, TooManyHashes):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
