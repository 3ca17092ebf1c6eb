"""The page of the room."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from chat.models import Room

# A browser finds the imports of modules one after the other. The page lists all modules, so that
# the browser loads them at once.
SCRIPTS = {script.name for script in Path(settings.BASE_DIR, "static", "chat").glob("*.js")}
MODULES = sorted(f"chat/{name}" for name in SCRIPTS - {"room.js", "sign-out.js"})


class RoomView(LoginRequiredMixin, TemplateView):
    template_name = "room.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(room=Room.first(), modules=MODULES, **kwargs)
