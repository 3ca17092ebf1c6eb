"""Sending files to a room, and reading them."""

import logging
from http import HTTPStatus
from urllib.parse import unquote

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.generic import View

from chat.files.converting import BUSY, PROBLEMS, NotConverted
from chat.models import Upload
from chat.models.upload import MAX_ALT
from chat.names.rooms import one_line
from chat.room import receiving_files, uploads
from chat.room.refusal import RefusalCode, Refused
from chat.servers.stored_files import STORED_FILE
from chat.views.readable_room import ReadableRoomMixin
from chat.views.room_forms import refusal_text

logger = logging.getLogger(__name__)

FILE_NAME = "X-File-Name"  # the header with the name of the file, percent-encoded
# Nothing in a file can run, load anything or be shown in a frame, whatever a browser takes it for.
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
NOT_STORED = "not_stored"
# The status and the words for what is not accepted.
REFUSALS = {
    RefusalCode.FILE_TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This file is too large."),
    RefusalCode.EMPTY_FILE: (HTTPStatus.BAD_REQUEST, "This file is empty."),
    RefusalCode.ARCHIVED: (HTTPStatus.FORBIDDEN, "This room is archived."),
    RefusalCode.TOO_MANY_FILES: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have sent too many files today. Try again tomorrow.",
    ),
    RefusalCode.STORAGE_FULL: (
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The site has no more room for files.",
    ),
    RefusalCode.TOO_MANY_HELD: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many of your messages wait for a moderator.",
    ),
    RefusalCode.NO_SUCH_FILE: (HTTPStatus.NOT_FOUND, "This file is not there any more."),
    RefusalCode.LOCKED: (HTTPStatus.FORBIDDEN, "Only moderators may write here now."),
    RefusalCode.ASK_FIRST: (HTTPStatus.FORBIDDEN, "Ask the moderators to let you in first."),
    NOT_STORED: (HTTPStatus.SERVICE_UNAVAILABLE, "The file could not be stored. Try again."),
}


class UploadView(ReadableRoomMixin, View):
    """Store the body of a request as a file of the room, and return what is known of it."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        name = unquote(request.headers.get(FILE_NAME, ""))
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        try:
            upload = receiving_files.receive(self.room.pk, request.user, name, request, size)
        except NotConverted as problem:
            return not_converted(problem)
        except Refused as refusal:
            return refused(refusal)
        except OSError:  # the disk is full, for example
            logger.exception("A file could not be stored")
            return not_accepted(NOT_STORED, *REFUSALS[NOT_STORED])
        return JsonResponse(uploads.facts(upload), status=HTTPStatus.CREATED)


class UnsaidFileView(LoginRequiredMixin, View):
    """Describe a file that was not said yet, or discard it."""

    http_method_names = ["post"]

    def post(self, request, *args, upload_id: str, **kwargs):
        if request.POST.get("action") == "discard":
            uploads.discard(upload_id, request.user)
            return JsonResponse({})
        alt = one_line(request.POST.get("alt", ""))[:MAX_ALT]
        try:
            uploads.describe(upload_id, request.user, alt)
        except Refused as refusal:
            return refused(refusal)
        return JsonResponse({"alt": alt})


def not_converted(problem: NotConverted) -> JsonResponse:
    """Return the answer for an image that is not accepted, or not now."""
    is_busy = problem.code == BUSY
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_busy else HTTPStatus.BAD_REQUEST
    return not_accepted(problem.code, status, PROBLEMS[problem.code])


def refused(refusal: Refused) -> JsonResponse:
    """Return the answer for a refusal that the page shows; others are raised again."""
    if refusal.code in (RefusalCode.MUTED, RefusalCode.BANNED):
        return not_accepted(str(refusal.code), HTTPStatus.FORBIDDEN, refusal_text(refusal))
    if refusal.code not in REFUSALS:
        raise refusal
    return not_accepted(str(refusal.code), *REFUSALS[refusal.code])


def not_accepted(code: str, status: HTTPStatus, text: str) -> JsonResponse:
    return JsonResponse({"code": code, "text": text}, status=status)


class FileView(LoginRequiredMixin, View):
    """The content of a file, for those who may read its room. `StoredFiles` sends it."""

    http_method_names = ["get", "head"]

    def get(self, request, *args, upload_id: str, name: str, **kwargs):
        upload = uploads.find(upload_id, request.user.pk)
        if upload is None or name != upload.name:
            raise Http404
        return file_response(request, upload, upload.key, upload.type)


class ThumbnailView(LoginRequiredMixin, View):
    """The small form of an image."""

    http_method_names = ["get", "head"]

    def get(self, request, *args, upload_id: str, **kwargs):
        upload = uploads.find(upload_id, request.user.pk)
        if upload is None or not upload.is_image:
            raise Http404
        return file_response(request, upload, upload.thumbnail_key, "image/webp")


def file_response(request: HttpRequest, upload: Upload, key: str, kind: str) -> HttpResponse:
    """Return a response whose content `StoredFiles` reads from the storage.

    Only images that the site has encoded itself are shown; all else is saved by the browser. The
    browser keeps the file, and asks each time whether it may still show it.
    """
    response = HttpResponse(
        content_type=kind if upload.is_image else receiving_files.BINARY,
        headers={
            STORED_FILE: key,
            "Content-Disposition": content_disposition_header(not upload.is_image, upload.name),
            "Content-Security-Policy": FILE_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
        },
    )
    etag = f'"{key}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
