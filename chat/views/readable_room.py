"""The base of the pages about one room."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.generic import View

from chat.models import Room
from chat.room import finding
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused


class ReadableRoomMixin(LoginRequiredMixin, View):
    """A page about `room`, which its address names.

    To users who may not read it, the page does not exist; also if they lose the room meanwhile.
    """

    room: Room
    reader: Reader

    def dispatch(self, request: HttpRequest, *args, slug: str, **kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.reader = Reader(request.user.pk)
        room = finding.find(slug, self.reader)
        if room is None:
            raise Http404
        self.room = room
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as refusal:
            if refusal.code is RefusalCode.NO_SUCH_ROOM:
                raise Http404 from None
            raise

    def title(self) -> str:
        """Return the name of the room as the user sees it."""
        return finding.title(self.room, self.request.user.pk)
