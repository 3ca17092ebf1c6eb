"""The usual Channels chat, to compare with: each consumer is a member of the room's group.

Saves nothing and knows nobody; as the tutorials of Channels build it, with the in-memory layer, or
with the one for Redis pub/sub where REDIS_URL is set. The capacity of the one in memory is raised
from 100, or it would drop messages under this load without a word.
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
            # What is published is heard in all databases, and there may be another such chat.
            "prefix": f"usual{urlsplit(redis).path}",
        },
    }
else:
    layer = {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 1_000_000},
    }

settings.configure(
    SECRET_KEY="nothing to keep secret here",
    CHANNEL_LAYERS={"default": layer},
)
django.setup()


class ChatConsumer(AsyncJsonWebsocketConsumer):
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
    {"websocket": URLRouter([path("ws/room/", ChatConsumer.as_asgi())])}
)
