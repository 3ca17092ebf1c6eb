"""The ASGI application: pages, WebSocket, legacy port, and their start and stop."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # before the imports below, which need Django's apps to be loaded

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from chat.consumers import ChatConsumer, NotFoundConsumer, TextConsumer
from chat.servers.clients import ClientAddress
from chat.servers.content_types import AcceptedTypes
from chat.servers.health import HealthAddresses
from chat.servers.lifespan import Lifespan
from chat.servers.page_queue import PageQueue
from chat.servers.preloading import preload
from chat.servers.refusal_delay import RefusalDelay
from chat.servers.stored_files import StoredFiles
from chat.servers.upload_bodies import UploadBodies
from chatsite.logs.uncaught import log_uncaught_errors
from chatsite.static import with_static_files

log_uncaught_errors()
preload()

application = ProtocolTypeRouter(
    {
        "http": HealthAddresses(
            ClientAddress(
                RefusalDelay(
                    with_static_files(StoredFiles(AcceptedTypes(UploadBodies(PageQueue(pages)))))
                )
            )
        ),
        "websocket": ClientAddress(
            URLRouter(
                [path("ws/room/", ChatConsumer.as_asgi()), re_path("", NotFoundConsumer.as_asgi())]
            )
        ),
        "tcp": ClientAddress(TextConsumer.as_asgi()),
    }
)
application.application_mapping["lifespan"] = Lifespan(application)
