"""The page of a room, and the way to it."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.generic import RedirectView, TemplateView

from chat.models import Line, Room
from chat.room import creation, finding, ignoring, log, places, reports
from chat.room.access import Reader
from chat.views.readable_room import ReadableRoomMixin
from chat.wire.commands import MAX_TEXT, MAX_TEXT_LINES
from chatsite import __version__
from chatsite.static import ROOM_BUNDLE, ROOM_SCRIPT

STATIC_FILES = Path(settings.BASE_DIR, "static")
# Published files have a script with all modules in it. Otherwise a browser finds the imports of
# modules one after the other, so the page lists all modules, and the browser loads them at once.
SCRIPT = ROOM_BUNDLE if settings.HASHED_STATIC else ROOM_SCRIPT
MODULES = (
    []
    if settings.HASHED_STATIC
    else sorted(
        module.relative_to(STATIC_FILES).as_posix()
        for folder in ("core", "room")
        for module in Path(STATIC_FILES, "chat", folder).glob("*.js")
        if module.name not in ("room.js", "loading.js")  # the page has its own elements for these
    )
)
# The messages in the page itself, for browsers without JavaScript. All browsers load them.
MOST_MESSAGES = 50
MOST_CHARACTERS = 16_000  # in all these messages
MOST_BEFORE = 25  # messages up to the one that the address names; as many follow


class HomeView(LoginRequiredMixin, RedirectView):
    """Lead to the room that was read last."""

    def get_redirect_url(self, *args, **kwargs):
        return reverse("room", args=[finding.last_read(self.request.user.pk).slug])


# Compressing a page can disclose secrets to somebody who chooses a part of it and sees the size of
# many answers (the BREACH attack). The only secret on this page is the CSRF token, which Django
# masks anew in each answer.
@method_decorator(gzip_page, name="dispatch")
class RoomView(ReadableRoomMixin, TemplateView):
    """The page of a room, perhaps at the message `seq`, to which scripts lead the reader."""

    template_name = "room.html"
    extra_context = {
        "version": __version__,
        "script": SCRIPT,
        "modules": MODULES,
        "most_characters": MAX_TEXT,
        "most_lines": MAX_TEXT_LINES,
    }

    def get_context_data(self, seq=None, **kwargs):
        return super().get_context_data(
            room=self.room,
            title=self.title(),
            **shown_messages(self.room, seq, self.reader),
            telnet=telnet_address(self.request),
            upload_mb=settings.UPLOAD_MB,
            edit_minutes=settings.EDIT_MINUTES,
            signup=settings.SIGNUP,
            may_create=creation.may_create(self.request.user),
            **self.moderating(),
            **kwargs,
        )

    def moderating(self) -> dict[str, Any]:
        """Return whether the user moderates anything, and how many decisions wait for them."""
        user = self.request.user
        if not reports.moderates(user):
            return {"moderates": False, "waiting": 0}
        return {"moderates": True, "waiting": reports.waiting_count(user)}


def shown_messages(room: Room, seq: int | None, reader: Reader) -> dict[str, Any]:
    """Return the messages for browsers without JavaScript: `messages`, and those before and after.

    `place` is the number of the message that the address names, `is_missing` whether the log does
    not have it any more, and `earlier` and `later` are numbers of messages that lead further.
    """
    if seq is None:
        messages = newest_messages(room, reader)
        return {"messages": messages, "earlier": messages[0].seq if messages else None}
    if not 0 < seq <= room.last_seq:
        raise Http404
    until, after = places.around(room.pk, seq, MOST_BEFORE, reader)
    before = _newest_fitting(until, MOST_CHARACTERS // 2, reader)
    following = _newest_fitting(after[::-1], MOST_CHARACTERS // 2, reader)[::-1]
    has_earlier = len(until) == MOST_BEFORE or len(before) < len(until)
    return {
        "messages": before + following,
        "place": seq,
        "is_missing": all(line.seq != seq for line in until),
        "earlier": (before or until)[0].seq if has_earlier else None,
        "later": (following or after)[-1].seq if after else None,
    }


def newest_messages(room: Room, reader: Reader) -> list[Line]:
    """Return the newest messages, as many as fit into a page that stays small."""
    messages = log.messages_until(room.pk, room.last_seq, MOST_MESSAGES, reader)
    return _newest_fitting(messages, MOST_CHARACTERS, reader)


def _newest_fitting(messages: list[Line], most_characters: int, reader: Reader) -> list[Line]:
    """Return the last messages of a list, as many as have together so many characters.

    Those of people whom the reader ignores are left out.
    """
    messages = ignoring.without_ignored(messages, ignoring.of_account(reader.user_id))
    left = most_characters
    for index in reversed(range(len(messages))):
        left -= len(messages[index].text)
        if left < 0:
            return messages[index + 1 :]
    return messages


def telnet_address(request: HttpRequest) -> tuple[str, int] | None:
    """Return the host and the port at which the reader can reach the legacy port.

    None while it is off, or while it listens for this machine only and the reader came by another
    name.
    """
    host = split_domain_port(request.get_host())[0].strip("[]")
    only_local = is_loopback(settings.LEGACY_HOST or "localhost")
    if not settings.LEGACY_PORT or (only_local and not is_loopback(host)):
        return None
    return host, settings.LEGACY_PORT


def is_loopback(host: str) -> bool:
    """Return whether a host name or an address means the machine that uses it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
