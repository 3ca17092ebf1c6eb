"""The website's consumer: JSON frames on a WebSocket, for members who are signed in."""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http.cookie import parse_cookie

from chat.accounts import events
from chat.accounts.events import Kind, Requester
from chat.consumers.base import COMMANDS_PER_TURN, MemberConsumer, Receive
from chat.consumers.chat_commands import ERROR_CODES, ChatCommands
from chat.consumers.moderation_commands import ModerationCommands, ban_of, details
from chat.consumers.origins import is_our_own
from chat.consumers.room_notices import RoomNotices, waiting_message
from chat.consumers.web_closing import CLOSES, REFUSED_ENTRIES, retry_in
from chat.live.database import Unavailable
from chat.live.member import CloseReason
from chat.live.open_sockets import SocketKind
from chat.models import Connection, User
from chat.room.refusal import RefusalCode, Refused
from chat.wire import client_frames, commands, frames
from chat.wire.frame_fields import BadFrame

SEQ = re.compile("[0-9]{1,19}")
UNKNOWN_SEQ = -1  # for an `after` that is not a number; the client has to begin again

# Seconds. When a limit holds, the client waits at least so long and may then send several frames at
# once, so that it is not told with each of them.
SHORTEST_WAIT = 1
# The type of an event by which our own servers report a ping, pong or fragment, with its `size`.
CONTROL_FRAME = "chatsite.control_frame"
CLOSE_WITHIN = 2  # seconds that a client has to read the `bye`, before it is cut


class ChatConsumer(MemberConsumer):
    """Translates between the frames of a WebSocket and a `Member`.

    It has a method for each step from the handshake to the close, so it has more than others.
    """

    socket_kind = SocketKind.WEB
    user_id: int | None = None  # of the account that has entered, or wanted to

    async def serve(self, receive: Receive) -> None:
        await receive()  # websocket.connect
        if not is_our_own(self.scope):
            self.record_refused_origin()
            await self.send({"type": "websocket.close"})
            return
        await self.accept()
        if self.process.stopping:
            await self.close(CloseReason.RESTART)
        elif self.place.refused:
            await self.close(CloseReason.TOO_MANY)
        elif (user := await self.signed_in_user()) is None:
            await self.close(CloseReason.SIGN_IN)
        else:
            await self.enter(user)
        await self.receive_until_closed(receive)

    def record_refused_origin(self):
        headers = dict(self.scope["headers"])
        origin, agent = (
            headers.get(name, b"").decode("latin-1") for name in (b"origin", b"user-agent")
        )
        requester = Requester(self.address, agent)
        events.record(Kind.ORIGIN_REFUSED, requester, detail=origin or "without an origin")

    async def accept(self):
        offered = self.scope.get("subprotocols", ())
        subprotocol = frames.SUBPROTOCOL if frames.SUBPROTOCOL in offered else None
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def signed_in_user(self) -> User | None:
        cookies = dict(self.scope["headers"]).get(b"cookie", b"").decode("latin-1")
        self.session_key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
        return await self.process.users.get(self.session_key)

    async def enter(self, user: User) -> None:
        self.user_id = user.pk
        self.process.flood_limits.identify(self.gate.allowance, user.pk)
        if not await self.gate.spend_soon(1, 0):
            await self.close(CloseReason.TOO_MANY)
            return
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
                address=self.address,
            )
        except Refused as refused:
            if refused.code not in REFUSED_ENTRIES:
                raise
            await self.close(REFUSED_ENTRIES[refused.code])
            return
        if self.member.is_newcomer:
            self.gate.allowance.charge_entering()
        still_signed_in = await self.signed_in_user() is not None
        if self.member.ended:
            return  # the client has been told the reason
        if still_signed_in:
            await self.welcome()
        else:
            await self.log_out(CloseReason.SIGN_IN)

    async def welcome(self):
        self.scope["headers"].clear()  # they take 2 KB for each connection, and are not read again
        notices = RoomNotices(self.member.rooms, self.member.room_id)
        self.member.rooms.listener = notices
        rooms = await self.process.watch.welcome(self.member)
        held = await self.process.held.welcome(self.member.rooms)
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
                rooms=[summary.fields() for summary in rooms],
                ignored=self.member.ignoring.names,
                held=[waiting_message(each) for each in held],
            )
        )
        moderation = ModerationCommands(
            self.member, self.process.database, self.address, self.answer
        )
        self.commands = ChatCommands(self.member, notices, moderation, self.answer)
        notices.welcome()
        self.member.follow(opening.seq)
        self.process.personal.hear(self.member.id)
        moderates = any(summary.moderate for summary in rooms)
        self.process.waiting.welcome(self.member, notices.waiting, moderates=moderates)

    # Commands

    async def receive_until_closed(self, receive):
        count = 0
        while (event := await receive())["type"] != "websocket.disconnect":
            if self.member is not None and not self.ignores_input:
                if event["type"] == CONTROL_FRAME:
                    await self.gate.spend(1, event["size"])
                else:
                    await self.receive(event)
            count += 1
            if count % COMMANDS_PER_TURN == 0:
                await asyncio.sleep(0)

    async def receive(self, event):
        try:
            command = client_frames.parse(event.get("text") or "")
        except BadFrame as error:
            await self.gate.spend(1, frame_size(event))
            await self.answer(frames.error(error.code, error.client_id, **error.named))
            return
        try:
            await self.wait_for_turn(command, frame_size(event))
            await self.handle(command)
        except Refused as refused:
            # If the connection's row is gone, the next check by `Evictions` closes the connection
            # with the right reason.
            if refused.code is not RefusalCode.NOT_IN_ROOM:
                await self.refuse(command, ERROR_CODES[refused.code], **details(refused))
        except Unavailable:
            await self.refuse(command, "try_again")

    async def refuse(self, command: commands.Command, code: str, **details: Any) -> None:
        """Answer a command with an error, which says what it is the answer to."""
        fields = {name: getattr(command, name, None) for name in ("room", "seq")}
        named = {name: value for name, value in fields.items() if value is not None}
        if "client_id" not in command.__slots__:
            named["answer"] = command.word
        client_id = getattr(command, "client_id", None)
        await self.answer(frames.error(code, client_id, **named, **details))

    async def wait_for_turn(self, command: commands.Command, size: int) -> None:
        """Wait while a flood limit holds, and tell the client so.

        Goodbyes need not wait. Raises `ClientGone`.
        """
        wait = self.gate.allowance.take(1, size)
        if wait and not isinstance(command, commands.Logout):
            wait = max(wait, SHORTEST_WAIT)
            await self.answer(frames.too_fast(getattr(command, "client_id", None), wait))
            await self.gate.hold(wait, 1, size)

    async def handle(self, command):
        if self.member.ended:  # while the command waited
            return
        if isinstance(command, commands.Logout):
            await self.log_out(CloseReason.LOGOUT)
        else:
            await self.commands.handle(command)

    async def answer(self, event):
        """Send an event unless the member was ended meanwhile: nothing follows a `bye`."""
        if not self.member.ended:
            self.gate.allowance.charge_answer(len(event["text"]))
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
        if not self.may_be_told:
            self.abort()
        await self.drain(reason)
        ban = await self.ban() if reason is CloseReason.REMOVED else {}
        close = frames.BANNED if ban else CLOSES[reason]
        retry = retry_in(reason, self.process.return_within)
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.send(frames.bye(close.code, retry, **ban))
                await self.send(
                    {"type": "websocket.close", "code": close.number, "reason": close.code}
                )
        except TimeoutError:
            self.abort()

    async def ban(self) -> dict[str, Any]:
        """Return the fields that tell somebody of their ban from the site, if there is one."""
        try:
            return await self.process.database.read(ban_of, self.user_id, self.address)
        except Unavailable:
            return {}

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


def frame_size(event: dict[str, Any]) -> int:
    """Return the bytes of a frame's content."""
    text = event.get("text")
    if text is None:
        return len(event.get("bytes") or b"")
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
