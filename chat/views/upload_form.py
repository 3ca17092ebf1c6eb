"""The form with which people write and send files whose browser has no JavaScript."""

import io
import math
import shutil
from datetime import timedelta
from tempfile import TemporaryFile

from django.conf import settings
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import TemplateView

from chat.files import multipart
from chat.files.converting import PROBLEMS, NotConverted
from chat.files.multipart import BadForm
from chat.live.database import Unavailable
from chat.live.members import Stopping
from chat.models.unavailable import OutcomeUnknown
from chat.models.upload import MAX_ALT
from chat.names.rooms import one_line
from chat.room import durations, receiving_files, uploads
from chat.room.refusal import RefusalCode, Refused
from chat.views import speaking
from chat.views.readable_room import ReadableRoomMixin
from chat.views.room_forms import refusal_text
from chat.views.speaking import TooFast
from chat.views.uploads import NOT_STORED, REFUSALS
from chat.wire.client_frames import MAX_FILES
from chat.wire.commands import MAX_TEXT, MAX_TEXT_LINES, Say, clean, is_too_long

BAD_FORM = "This form could not be read. Send it again."
EMPTY = "Write something, or choose a file."
TOO_MANY = f"A message has at most {MAX_FILES} files."
TOO_LONG = f"A message can have at most {MAX_TEXT} characters and {MAX_TEXT_LINES} lines."
TRY_AGAIN = "Not sent. Try again in a moment."
PERHAPS_SENT = "This may have been sent or not. Look at the room before you try again."
TOO_FAST = "You are sending too fast. Try again in a moment."
HELD = "Your message waits for approval. Everybody can read it once a moderator has seen it."
NOT_ALLOWED = "You may not write here."


class NotSent(Exception):
    """The reason for which nothing was said."""


class UploadFormView(ReadableRoomMixin, TemplateView):
    """Show the form, and say what was written, with the files that were chosen."""

    template_name = "rooms/files.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            room=self.room, title=self.title(), upload_mb=settings.UPLOAD_MB, **kwargs
        )

    # The token is in the body, which Django must not read itself, see `multipart`.
    def post(self, request, *args, **kwargs):
        try:
            fields = read_form(request)
        except BadForm:
            request.POST = QueryDict()
            return self.not_sent(BAD_FORM)
        request.POST = plain_fields(fields)
        return self.say(request, fields)

    @method_decorator(csrf_protect)
    def say(self, request, fields):
        """Say the message of a form whose token is in `request.POST`."""
        try:
            command = self.command(request, fields)
            is_held = speaking.say(request, command)
        except NotSent as reason:
            return self.not_sent(str(reason))
        except NotConverted as problem:
            return self.not_sent(PROBLEMS[problem.code])
        except Refused as refusal:
            return self.not_sent(why_refused(refusal))
        except TooFast:
            return self.not_sent(TOO_FAST)
        except OutcomeUnknown:
            return self.not_sent(PERHAPS_SENT)
        except (Stopping, *Unavailable):
            return self.not_sent(TRY_AGAIN)
        except OSError:
            return self.not_sent(REFUSALS[NOT_STORED][1])
        if is_held:
            messages.info(request, HELD)
            return redirect("upload", self.room.slug)
        return redirect("room", self.room.slug)

    def command(self, request, fields) -> Say:
        """Return what a form says, after its files were stored. Raises `NotSent`."""
        text = clean(request.POST.get("text", "").replace("\r\n", "\n"))
        files = [field for field in fields if field.file_name]
        if is_too_long(text):
            raise NotSent(TOO_LONG)
        if not files and not text:
            raise NotSent(EMPTY)
        if len(files) > MAX_FILES:
            raise NotSent(TOO_MANY)
        stored = [self.store(request, file) for file in files]
        return Say(text, room=self.room.pk, files=tuple(upload.pk for upload in stored))

    def store(self, request, file):
        content = io.BytesIO(file.content)
        upload = receiving_files.receive(
            self.room.pk, request.user, file.file_name, content, len(file.content)
        )
        if upload.is_image and (alt := one_line(request.POST.get("alt", ""))):
            uploads.describe(upload.pk, request.user, alt[:MAX_ALT])
        return upload

    def not_sent(self, reason):
        """Show the form again, with what was written. Files have to be chosen anew."""
        written = {name: self.request.POST.get(name, "") for name in ("text", "alt")}
        context = self.get_context_data(problem=reason, written=written)
        return self.render_to_response(context, status=400)


def why_refused(refusal: Refused) -> str:
    """Return the sentence that says why a message or one of its files was refused."""
    match refusal.code:
        case RefusalCode.MUTED | RefusalCode.BANNED:
            return refusal_text(refusal)
        case RefusalCode.TOO_SOON:
            wait = durations.describe(timedelta(seconds=math.ceil(refusal.wait or 1)))
            return f"This room is in slow mode. Try again in {wait}."
    _, text = REFUSALS.get(refusal.code, (None, NOT_ALLOWED))
    return text


def read_form(request) -> list[multipart.Field]:
    """Return the fields of a form with files. Raises `BadForm`."""
    boundary = multipart.boundary_of(request.META.get("CONTENT_TYPE", ""))
    if boundary is None:
        raise BadForm
    with TemporaryFile(prefix="chatsite-") as body:
        shutil.copyfileobj(request, body)
        body.flush()
        return multipart.read(body, boundary)


def plain_fields(fields) -> QueryDict:
    """Return the fields that are no files, as Django has them."""
    values = QueryDict(mutable=True)
    for field in fields:
        if field.file_name is None:
            values[field.name] = field.content.decode(errors="replace")
    return values


def upload_view(script_view, form_view):
    """Return the view of an address to which pages with and without JavaScript send files."""

    protected = csrf_protect(script_view)

    @csrf_exempt
    def view(request, *args, **kwargs):
        is_script = request.method == "POST" and "X-File-Name" in request.headers
        return (protected if is_script else form_view)(request, *args, **kwargs)

    return view
