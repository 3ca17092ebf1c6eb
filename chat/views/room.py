"""The page of the room."""

from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView

from chat.models import Line, Room
from chat.room import log
from chat.wire.commands import MAX_TEXT, MAX_TEXT_LINES
from chatsite import __version__

STATIC_FILES = Path(settings.BASE_DIR, "static")
# A browser finds the imports of modules one after the other. The page lists all modules, so that
# the browser loads them at once.
MODULES = sorted(
    module.relative_to(STATIC_FILES).as_posix()
    for folder in ("core", "room")
    for module in Path(STATIC_FILES, "chat", folder).glob("*.js")
    if module.name not in ("room.js", "loading.js")  # the page has its own elements for these
)
# The messages in the page itself, for browsers without JavaScript. All browsers load them.
MOST_MESSAGES = 50
MOST_CHARACTERS = 16_000  # in all these messages


# Compressing a page can disclose secrets to somebody who chooses a part of it and sees the size of
# many answers (the BREACH attack). The only secret on this page is the CSRF token, which Django
# masks anew in each answer.
@method_decorator(gzip_page, name="dispatch")
class RoomView(LoginRequiredMixin, TemplateView):
    template_name = "room.html"
    extra_context = {
        "version": __version__,
        "modules": MODULES,
        "most_characters": MAX_TEXT,
        "most_lines": MAX_TEXT_LINES,
    }

    def get_context_data(self, **kwargs):
        room = Room.first()
        return super().get_context_data(
            room=room,
            newest_messages=newest_messages(room),
            telnet=telnet_address(self.request),
            signup_open=settings.SIGNUP == "open",
            **kwargs,
        )


def newest_messages(room: Room) -> list[Line]:
    """Return the newest messages, as many as fit into a page that stays small."""
    messages = log.messages_until(room.pk, room.last_seq, MOST_MESSAGES)
    left = MOST_CHARACTERS
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
