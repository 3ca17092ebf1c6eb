"""Tells Django about the app."""

from django.apps import AppConfig

from chat.views.site_url import known_site_url
from chat.wire.terminal_text import Addresses


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self):
        Addresses.site = known_site_url()
