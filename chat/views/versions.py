"""The page with the versions of a message that its author has edited."""

from django.http import Http404
from django.views.generic import TemplateView

from chat.room import versions
from chat.room.refusal import Refused
from chat.views.readable_room import ReadableRoomMixin


class VersionsView(ReadableRoomMixin, TemplateView):
    """The versions of one message of the user; for all others the page does not exist."""

    template_name = "rooms/versions.html"

    def get_context_data(self, *, seq: int, **kwargs):
        try:
            found = versions.of_message(self.room.pk, seq, self.request.user.pk)
        except Refused:
            raise Http404 from None
        return super().get_context_data(
            room=self.room, title=self.title(), seq=seq, versions=found[::-1], **kwargs
        )
