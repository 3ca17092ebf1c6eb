"""The two doors: they translate between a protocol and a member's connection. No rules here."""

import asyncio
import contextlib
import logging
import random
import re
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from django.conf import settings
from django.http.cookie import parse_cookie

from chat.consumers.origins import is_our_own
from chat.live import process
from chat.live.database import Unavailable
from chat.live.member import End
from chat.live.process import Stopping
from chat.live.tail import first_of, last_of
from chat.models import Connection
from chat.room.refusal import EMPTY, Refused
from chat.wire import commands, frames
from chat.wire import legacy as lines

logger = logging.getLogger("chat.doors")

LOGIN_WITHIN = 120  # seconds
TURN = 20  # commands or lines of one connection after which others have a turn
PIECE = 4096  # bytes of one legacy connection after which others have a turn
NEWEST = 50  # lines that a newcomer gets
RESUMED = 500  # lines that somebody who comes back gets; with more they begin anew

SEQ = re.compile("[0-9]{1,19}")

CLOSES = {
    End.SLOW: frames.SLOW,
    End.REMOVED: frames.REMOVED,
    End.SIGNED_OUT: frames.SIGN_IN,
    End.RESTART: frames.RESTART,
    End.ERROR: frames.RESTART,
}
BYE_WITHIN = 2  # seconds that a client has to take our goodbye; then it is cut
SLOW_RETRY = 1, 5  # seconds: at once, each would be back with a welcome of hundreds of lines
ERROR_RETRY = 5  # seconds


class Door(AsyncConsumer):
    """What both doors share: events in their order, one at a time, without a thread hop each.

    The base class hops to a thread before every event to close old database connections; nothing
    here touches the database but through `chat.live.database`, which looks after its own.
    """

    def __init__(self):
        self.member = None
        self.farewell = None

    async def __call__(self, scope, receive, send):
        self.scope, self.send = scope, send
        try:
            self.process = await process.current()
            with self.process.place() as free:
                try:
                    await self.open(receive, free)
                except Stopping:
                    await self.say_farewell(End.RESTART)
        except Unavailable as error:
            logger.warning("A connection ended, the database is away: %s", type(error).__name__)
            await self.give_up()
        except OSError:
            pass  # the client has gone while it was sent something
        except Exception:
            logger.exception("A connection ended by an error in its handler")
            await self.give_up()
        finally:
            if self.member is not None:
                await self.let_go()

    @property
    def write_at_once(self):
        """The function that sends at once, from servers that have one (`chat.servers`)."""
        return self.scope.get("extensions", {}).get("chatsite.write")

    @property
    def deaf(self):
        """Whether the connection is ending, so that nothing is done for it any more."""
        return self.member.ended or self.process.stopping

    def close(self, why):
        """End the connection from our side; what was sent before goes out first."""
        # The reference keeps the task alive until it is done.
        self.farewell = asyncio.get_running_loop().create_task(self.say_farewell(why))


class ChatConsumer(Door):
    """The website's door: JSON frames on a WebSocket, for who is signed in."""

    async def open(self, receive, free):
        await receive()  # websocket.connect
        if not is_our_own(self.scope):
            await self.send({"type": "websocket.close"})
            return
        offered = self.scope.get("subprotocols", ())
        subprotocol = frames.SUBPROTOCOL if frames.SUBPROTOCOL in offered else None
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})
        if self.process.stopping:
            await self.say_farewell(End.RESTART)
        elif not free:
            await self.part(frames.TOO_MANY, retry_in=30)
        elif (user := await self.signed_in()) is None:
            await self.part(frames.SIGN_IN)
        else:
            try:
                await self.enter(user)
            except Refused:  # the account was deleted while we opened the door
                await self.part(frames.SIGN_IN)
            except Stopping:
                await self.say_farewell(End.RESTART)
        number = 0
        while (event := await receive())["type"] == "websocket.receive":
            if self.member is not None and not self.deaf:
                await self.receive(event)
            number += 1
            if number % TURN == 0:
                await asyncio.sleep(0)

    async def signed_in(self):
        cookies = dict(self.scope["headers"]).get(b"cookie", b"").decode("latin-1")
        self.session_key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
        return await self.process.users.ask(self.session_key)

    async def enter(self, user):
        self.member = await self.process.enter(
            user.username,
            user_id=user.pk,
            door=Connection.Door.WEB,
            wire=frames,
            send=self.send,
            close=self.close,
            write=self.write_at_once,
            session_key=self.session_key,
        )
        signed_in = await self.signed_in() is not None
        if self.member.ended:
            pass  # and told so
        elif not signed_in:  # it ended while we opened the door
            await self.log_out(frames.SIGN_IN)
        else:
            self.scope["headers"].clear()  # 2 KB for each connection, which nobody reads again
            await self.welcome()

    async def welcome(self):
        tail = self.member.tail
        await tail.reach(self.member.cursor)
        encoded, seq, reset = self.missed(tail)
        await self.answer(
            frames.welcome(
                room=self.process.room.name,
                you=self.member.name,
                seq=seq,
                people=tail.encode_people(frames, seq),
                encoded=encoded,
                reset=reset,
            )
        )
        self.member.follow(seq)

    def missed(self, tail):
        """(encoded lines, number of the last, reset): what to begin with, by the page's `after`.

        No more than a batch; what is left of the lines that were missed follows as such.
        """
        seq = tail.seen
        asked = parse_qs(self.scope["query_string"].decode("latin-1")).get("after")
        if asked is not None and SEQ.fullmatch(asked[0]):
            after = int(asked[0])
            if seq - RESUMED <= after <= seq and tail.oldest - 1 <= after:
                encoded = first_of(tail.encode(frames, tail.between(after, seq)))
                return encoded, after + len(encoded), False
        newest = last_of(tail.encode(frames, tail.between(seq - NEWEST, seq)))
        return newest, seq, asked is not None

    async def receive(self, event):
        client_id = None
        try:
            command = frames.parse(event.get("text") or "")
            client_id = getattr(command, "client_id", None)
            await self.handle(command)
        except frames.BadFrame as bad:
            await self.answer(frames.error(bad.code, bad.client_id))
        except Refused:
            pass  # the member is not in the room any more, and told so
        except Unavailable:
            await self.answer(frames.error("try_again", client_id))

    async def answer(self, event):
        """Send, unless the member was ended meanwhile: nothing comes after a `bye`."""
        if not self.member.ended:
            await self.send(event)

    async def handle(self, command):
        match command:
            case commands.Say():
                said = await self.member.say(command)
                if said.again:
                    await self.answer(frames.said(command.client_id, said.seq))
            case commands.Look():
                await self.answer(frames.people(*await self.member.look()))
            case commands.History():
                found, more = await self.member.history(command, self.process.database)
                encoded = self.member.tail.encode(frames, found)
                fitting = last_of(encoded)
                more = more or len(fitting) < len(encoded)
                await self.answer(frames.history(fitting, more))
            case commands.Logout():
                await self.log_out(frames.LOGOUT)

    async def log_out(self, close):
        member, self.member = self.member, None
        await self.process.leave(member)
        await self.part(close)

    async def let_go(self):
        await self.process.linger(self.member)

    async def part(self, close, retry_in=None):
        """Say why, and close."""
        number, code = close
        await self.send(frames.bye(code, retry_in))
        await self.send({"type": "websocket.close", "code": number, "reason": code})

    async def say_farewell(self, why):
        with contextlib.suppress(Exception):  # the client may be gone already
            if why is End.RESTART and self.member is not None:
                await self.member.drained()
            try:
                async with asyncio.timeout(BYE_WITHIN):
                    await self.part(CLOSES[why], self.retry_in(why))
            except TimeoutError:
                self.abort()

    def retry_in(self, why):
        """Seconds; not the same for all, or they would be the next trouble. None: stay away."""
        match why:
            case End.RESTART:
                return round(random.uniform(0, self.process.returning), 1)
            case End.SLOW:
                return round(random.uniform(*SLOW_RETRY), 1)
            case End.ERROR:
                return ERROR_RETRY
        return None

    def abort(self):
        """Cut a client that does not take our goodbye, where the server lets us."""
        if cut := self.scope.get("extensions", {}).get("chatsite.abort"):
            cut()

    async def give_up(self):
        await self.say_farewell(End.ERROR)


class TextConsumer(Door):
    """The legacy door: lines on TCP, for guests."""

    async def open(self, receive, free):
        await receive()  # tcp.connect
        if self.process.stopping:
            return
        if not free:
            await self.write(lines.SERVER_FULL)
            return
        await self.write(lines.GREETING)
        reader = lines.CommandReader()
        timer = asyncio.get_running_loop().call_later(LOGIN_WITHIN, self.time_out)
        try:
            while (event := await receive())["type"] == "tcp.receive":
                if not await self.read(reader, event["data"]):
                    return
        except lines.LineFlood:
            await self.abort()
        finally:
            timer.cancel()

    def time_out(self):
        if self.member is None:
            self.close(End.SLOW)

    async def read(self, reader, data):
        """Do what some bytes ask for. False when the connection ends by it.

        Others have a turn after each piece, and after a few lines, be there anything in them or
        not: one read may bring 256 KB, and whoever sends it need not even have a name.
        """
        for start in range(0, len(data), PIECE):
            for number, command in enumerate(reader.feed(data[start : start + PIECE]), 1):
                if command is not None and not await self.handle(command):
                    return False
                if number % TURN == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(0)
        return True

    async def handle(self, command):
        """Do what a line asks for. False when the connection ends by it."""
        if self.member is None:
            return await self.handle_waiting(command)
        if self.deaf:
            return True
        return await self.handle_inside(command)

    async def handle_waiting(self, command):
        match command:
            case commands.Login():
                await self.login(command.name)
            case commands.LineTooLong(word="login"):
                await self.write(lines.NAME_TAKEN)
            case commands.LineTooLong():
                await self.write(lines.LINE_TOO_LONG)
            case commands.Logout() | commands.HttpRequestLine():
                return False
            case _:
                await self.write(lines.unknown_command(command.word))
        return True

    async def login(self, name):
        try:
            self.member = await self.process.enter(
                name,
                user_id=None,
                door=Connection.Door.LEGACY,
                wire=lines,
                send=self.send,
                close=self.close,
                write=self.write_at_once,
            )
        except Refused as refused:
            await self.write(lines.NAME_EMPTY if refused.code == EMPTY else lines.NAME_TAKEN)
        except Unavailable:
            await self.abort()
        else:
            await self.write(lines.LOGIN_SUCCESS)
            self.member.follow(self.member.cursor)

    async def handle_inside(self, command):
        match command:
            case commands.Say():
                await self.say(command)
            case commands.TextTooLong():
                await self.write(lines.MESSAGE_TOO_LONG)
            case commands.LineTooLong():
                await self.write(lines.LINE_TOO_LONG)
            case commands.Look():
                _, people = await self.member.look()
                await self.write(people)
            case commands.History():
                await self.history(command)
            case commands.Help():
                await self.write(lines.HELP)
            case commands.Logout():
                await self.let_go()
                return False
            case _:
                await self.write(lines.unknown_command(command.word))
        return True

    async def history(self, command):
        try:
            found = await self.member.messages(command.limit, self.process.database)
        except Unavailable:
            await self.write(lines.NOT_SENT)
        else:
            await self.write(b"".join(last_of(lines.history(found))))

    async def say(self, command):
        try:
            await self.member.say(command)
        except Refused:
            pass  # out of the room meanwhile; the connection is closing
        except Unavailable:
            await self.write(lines.NOT_SENT)

    async def let_go(self):
        member, self.member = self.member, None
        await self.process.leave(member)

    async def write(self, data):
        await self.send({"type": "tcp.send", "data": data})

    async def abort(self):
        await self.send({"type": "tcp.close", "abort": True})

    async def say_farewell(self, why):
        if why is End.RESTART and self.member is not None:
            await self.member.drained()
        await self.send({"type": "tcp.close", "abort": why is End.SLOW and self.member is not None})

    async def give_up(self):
        await self.abort()


class Nowhere(AsyncConsumer):
    """A WebSocket to an address that there is not."""

    async def __call__(self, scope, receive, send):
        await receive()  # websocket.connect
        await send({"type": "websocket.close"})
