"""The consumer for WebSockets at addresses that do not exist."""

from channels.consumer import AsyncConsumer


class NotFoundConsumer(AsyncConsumer):
    """Refuses the handshake, which the client sees as status 403."""

    async def __call__(self, scope, receive, send):
        await receive()  # websocket.connect
        await send({"type": "websocket.close"})
