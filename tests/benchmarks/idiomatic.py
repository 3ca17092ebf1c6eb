"""The usual Channels chat, for comparison: each consumer is a member of the room's group.

It is what the tutorials of Channels build. It saves nothing, and has no accounts. It uses the
in-memory layer or, with REDIS_URL, the Redis pub/sub layer. The in-memory layer has a higher
capacity than the default of 100, because it would otherwise drop messages silently under this load.
"""

import os
from urllib.parse import urlsplit

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

if redis := os.environ.get("REDIS_URL"):
    layer = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": redis, "socket_timeout": None}],
            # Redis publishes to all its databases, and another such chat may use one of them.
            "prefix": f"usual{urlsplit(redis).path}",
        },
    }
else:
    layer = {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 1_000_000},
    }

settings.configure(
    SECRET_KEY="there is nothing to keep secret here",
    CHANNEL_LAYERS={"default": layer},
)
django.setup()


class UsualConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()
        await self.send_json({"type": "welcome"})

    async def disconnect(self, code):
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive_json(self, content, **kwargs):
        await self.channel_layer.group_send("room", {"type": "chat.message", "message": content})

    async def chat_message(self, event):
        await self.send_json({**event["message"], "type": "said"})


application = ProtocolTypeRouter(
    {"websocket": URLRouter([path("ws/room/", UsualConsumer.as_asgi())])}
)
