"""The ASGI application: pages, WebSocket, legacy port, and their start and stop."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # before the imports below, which need Django's apps to be loaded

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from chat.consumers import ChatConsumer, NotFoundConsumer, TextConsumer
from chat.servers.lifespan import Lifespan
from chatsite.static import with_static_files

application = ProtocolTypeRouter(
    {
        "http": with_static_files(pages),
        "websocket": URLRouter(
            [path("ws/room/", ChatConsumer.as_asgi()), re_path("", NotFoundConsumer.as_asgi())]
        ),
        "tcp": TextConsumer.as_asgi(),
    }
)
application.application_mapping["lifespan"] = Lifespan(application)
