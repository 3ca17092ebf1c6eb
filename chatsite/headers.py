"""The security headers of pages, for the responses that do not pass Django's middleware."""

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

HEADER_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.middleware.PermissionsPolicyMiddleware",
]


# Browsers never show scripts and styles as pages, so only these headers have an effect on them. The
# others would be larger than some of the files.
SCRIPTS_AND_STYLES = (b"text/javascript", b"text/css")
EFFECTIVE_ON_SCRIPTS_AND_STYLES = {
    *(b"x-content-type-options", b"referrer-policy", b"strict-transport-security"),
}


class SecurityHeaders:
    """Gives responses the security headers that pages have, unless they have them already.

    Static files are served without Django's middleware, which sets these headers on pages. Scripts
    and styles get only those that have an effect on them.
    """

    def __init__(self, application):
        self.application = application
        self.headers = {secure: security_headers(secure) for secure in (True, False)}

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        headers = self.headers[scope.get("scheme") == "https"]

        async def send_with_headers(event):
            if event["type"] == "http.response.start":
                present = {name.lower(): value for name, value in event.get("headers", ())}
                is_page = not present.get(b"content-type", b"").startswith(SCRIPTS_AND_STYLES)
                missing = [
                    (name, value)
                    for name, value in headers
                    if name not in present and (is_page or name in EFFECTIVE_ON_SCRIPTS_AND_STYLES)
                ]
                event = {**event, "headers": [*event.get("headers", ()), *missing]}
            await send(event)

        await self.application(scope, receive, send_with_headers)


def security_headers(secure: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers that the middleware sets on every page, as ASGI writes them."""
    request = HttpRequest()
    request._get_scheme = lambda: "https" if secure else "http"
    response = HttpResponse()
    del response["Content-Type"]
    for path in HEADER_MIDDLEWARE:
        middleware = import_string(path)(lambda _: None)  # nothing is asked of it
        response = middleware.process_response(request, response)
    return [(name.lower().encode(), value.encode()) for name, value in response.items()]
