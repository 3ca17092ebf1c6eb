"""The consumers of both doors. They translate between a protocol and a `Member`, without rules."""

from chat.consumers.chat import ChatConsumer
from chat.consumers.not_found import NotFoundConsumer
from chat.consumers.text import TextConsumer

__all__ = ["ChatConsumer", "NotFoundConsumer", "TextConsumer"]
