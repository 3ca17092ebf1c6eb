"""The content types in which pages accept the body of a request.

Django decodes a form, and the query of an address too, by the charset that the header Content-Type
names, which can be any codec of Python. Some need minutes for a megabyte, some are no encodings of
text, and Python remembers each unknown name for ever. The parts of a multipart form can name
charsets as well. Browsers name none, and send forms in the encoding of the page, which is UTF-8.
"""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from chat.files import multipart
from chat.files.addresses import is_upload
from chat.servers.http_refusals import answer

Application = Callable[..., Awaitable[None]]  # an ASGI application

ACCEPTED = re.compile(
    rb"""(?!\s*multipart/) [^;,*]*  (?: ;\s* (?: charset\s*=\s* (?:"utf-8"|utf-8) \s*)? )*""",
    re.IGNORECASE | re.VERBOSE,
)


class AcceptedTypes:
    """Answers 415 to a request whose content type pages do not accept.

    Multipart forms are accepted where files are sent, whose page has a parser that knows no
    charsets.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        types = [value for name, value in scope["headers"] if name == b"content-type"]
        # Django would join several lines of the header, so that one could add to another.
        if len(types) > 1 or not all(is_accepted(scope, value) for value in types):
            await answer(send, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        else:
            await self.application(scope, receive, send)


def is_accepted(scope: Any, content_type: bytes) -> bool:
    """Return whether pages accept the body of a request with a content type."""
    if ACCEPTED.fullmatch(content_type):
        return True
    is_form = multipart.boundary_of(content_type.decode("latin-1")) is not None
    return is_form and is_upload(scope["method"], scope["path"])
