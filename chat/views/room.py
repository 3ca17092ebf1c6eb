"""The page of the room."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from chat.models import Room
from chatsite import __version__

STATIC_FILES = Path(settings.BASE_DIR, "static")
# A browser finds the imports of modules one after the other. The page lists all modules, so that
# the browser loads them at once.
MODULES = sorted(
    module.relative_to(STATIC_FILES).as_posix()
    for folder in ("core", "room")
    for module in Path(STATIC_FILES, "chat", folder).glob("*.js")
    if module.name != "room.js"  # the script that imports the others
)


class RoomView(LoginRequiredMixin, TemplateView):
    template_name = "room.html"
    extra_context = {"version": __version__}

    def get_context_data(self, **kwargs):
        return super().get_context_data(room=Room.first(), modules=MODULES, **kwargs)
