"""The website's consumer: JSON frames on a WebSocket, for members who are signed in."""

import asyncio
import random
import re
from urllib.parse import parse_qs

from django.conf import settings
from django.http.cookie import parse_cookie

from chat.consumers.base import COMMANDS_PER_TURN, MemberConsumer, Receive
from chat.consumers.origins import is_our_own
from chat.live.database import Unavailable
from chat.live.member import CloseReason
from chat.models import Connection, User
from chat.room.refusal import RefusalCode, Refused
from chat.wire import commands, frames

SEQ = re.compile("[0-9]{1,19}")
UNKNOWN_SEQ = -1  # for an `after` that is not a number; the client has to begin again

CLOSES = {
    CloseReason.LOGOUT: frames.LOGOUT,
    CloseReason.SIGN_IN: frames.SIGN_IN,
    CloseReason.REMOVED: frames.REMOVED,
    CloseReason.SLOW: frames.SLOW,
    CloseReason.RESTART: frames.RESTART,
    CloseReason.TOO_MANY: frames.TOO_MANY,
    CloseReason.ERROR: frames.RESTART,
}
CLOSE_WITHIN = 2  # seconds that a client has to read the `bye`, before it is cut
SLOW_RETRY = 1, 5  # seconds: a welcome of hundreds of lines at once would not help a slow client
TOO_MANY_RETRY = 30  # seconds
ERROR_RETRY = 5  # seconds


class ChatConsumer(MemberConsumer):
    """Translates between the frames of a WebSocket and a `Member`."""

    async def serve(self, receive: Receive, has_place: bool) -> None:
        await receive()  # websocket.connect
        if not is_our_own(self.scope):
            await self.send({"type": "websocket.close"})
            return
        await self.accept()
        if self.process.stopping:
            await self.close(CloseReason.RESTART)
        elif not has_place:
            await self.close(CloseReason.TOO_MANY)
        elif (user := await self.signed_in_user()) is None:
            await self.close(CloseReason.SIGN_IN)
        else:
            await self.enter(user)
        await self.receive_until_closed(receive)

    async def accept(self):
        offered = self.scope.get("subprotocols", ())
        subprotocol = frames.SUBPROTOCOL if frames.SUBPROTOCOL in offered else None
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def signed_in_user(self) -> User | None:
        cookies = dict(self.scope["headers"]).get(b"cookie", b"").decode("latin-1")
        self.session_key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
        return await self.process.users.get(self.session_key)

    async def enter(self, user: User) -> None:
        try:
            self.member = await self.process.members.enter(
                user.username,
                user_id=user.pk,
                door=Connection.Door.WEB,
                wire=frames,
                send=self.send,
                close=self.close_soon,
                write=self.extension("chatsite.write"),
                session_key=self.session_key,
            )
        except Refused as refused:
            # The account was deleted or deactivated after we had looked it up.
            if refused.code is not RefusalCode.NOT_IN_ROOM:
                raise
            await self.close(CloseReason.SIGN_IN)
            return
        still_signed_in = await self.signed_in_user() is not None
        if self.member.ended:
            return  # the client has been told the reason
        if still_signed_in:
            await self.welcome()
        else:
            await self.log_out(CloseReason.SIGN_IN)

    async def welcome(self):
        self.scope["headers"].clear()  # they take 2 KB for each connection, and are not read again
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        opening = await self.member.opening(
            resume_after(query), count_messages=query.get("count") == ["messages"]
        )
        await self.answer(
            frames.welcome(
                room=self.process.rooms.lobby.name,
                you=self.member.name,
                account=self.member.user_id,
                seq=opening.seq,
                people=opening.people,
                encoded=opening.lines,
                reset=opening.reset,
                skipped=opening.skipped,
                missed=opening.missed,
            )
        )
        self.member.follow(opening.seq)

    # Commands

    async def receive_until_closed(self, receive):
        count = 0
        while (event := await receive())["type"] == "websocket.receive":
            if self.member is not None and not self.ignores_input:
                await self.receive(event)
            count += 1
            if count % COMMANDS_PER_TURN == 0:
                await asyncio.sleep(0)

    async def receive(self, event):
        client_id = None
        try:
            command = frames.parse(event.get("text") or "")
            client_id = getattr(command, "client_id", None)
            await self.handle(command)
        except frames.BadFrame as error:
            await self.answer(frames.error(error.code, error.client_id))
        except Refused as refused:
            # The connection's row is gone. The next check by `Evictions` closes the connection
            # with the right reason.
            if refused.code is not RefusalCode.NOT_IN_ROOM:
                raise
        except Unavailable:
            await self.answer(frames.error("try_again", client_id))

    async def handle(self, command):
        match command:
            case commands.Say():
                said = await self.member.say(command)
                if said.again:
                    await self.answer(frames.said(command.client_id, said.seq))
            case commands.Look():
                seq, people = await self.member.look()
                await self.answer(frames.people(seq, people))
            case commands.History():
                page = await self.member.history(command)
                await self.answer(
                    frames.history(encoded=page.lines, more=page.more, skipped=page.skipped)
                )
            case commands.Logout():
                await self.log_out(CloseReason.LOGOUT)

    async def answer(self, event):
        """Send an event unless the member was ended meanwhile: nothing follows a `bye`."""
        if not self.member.ended:
            await self.send(event)

    # Ending

    async def log_out(self, reason: CloseReason) -> None:
        """Let the member leave at once, and close."""
        member, self.member = self.member, None
        await self.process.members.leave(member)
        await self.close(reason)

    async def release(self) -> None:
        await self.process.members.linger(self.member)

    async def close(self, reason: CloseReason) -> None:
        await self.drain(reason)
        close = CLOSES[reason]
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.send(frames.bye(close.code, self.retry_in(reason)))
                await self.send(
                    {"type": "websocket.close", "code": close.number, "reason": close.code}
                )
        except TimeoutError:
            self.abort()

    def retry_in(self, reason: CloseReason) -> float | None:
        """Return the seconds after which the client should return, or None if it should not.

        Spread the returns at random, so that they do not arrive together.
        """
        match reason:
            case CloseReason.RESTART:
                return round(random.uniform(0, self.process.return_within), 1)
            case CloseReason.SLOW:
                return round(random.uniform(*SLOW_RETRY), 1)
            case CloseReason.TOO_MANY:
                return TOO_MANY_RETRY
            case CloseReason.ERROR:
                return ERROR_RETRY
        return None

    def abort(self) -> None:
        """Cut a client that does not take the `bye`, where the server offers that."""
        if abort := self.extension("chatsite.abort"):
            abort()


def resume_after(query: dict[str, list[str]]) -> int | None:
    """Return the number of the last line that the page has seen; None for a new page."""
    asked = query.get("after")
    if asked is None:
        return None
    return int(asked[0]) if SEQ.fullmatch(asked[0]) else UNKNOWN_SEQ
