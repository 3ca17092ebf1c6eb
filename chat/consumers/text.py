"""The legacy consumer: lines on TCP, for guests."""

import asyncio

from chat.consumers.base import COMMANDS_PER_TURN, MemberConsumer, Receive
from chat.live.database import Unavailable
from chat.live.encoding import last_fitting
from chat.live.member import CloseReason, Member
from chat.models import Connection
from chat.room.refusal import RefusalCode, Refused
from chat.wire import commands, legacy
from chat.wire.telnet import WONT_TIMING_MARK

LOGIN_WITHIN = 120  # seconds
LAST_LINES_WITHIN = 0.5  # seconds in which the lines of a connection that has ended are handled
BYTES_PER_TURN = 4096  # of one connection, before other connections have a turn


class TextConsumer(MemberConsumer):
    """Translates between the lines of a TCP connection and a `Member`."""

    # The number of the last line of the room that was sent before an answer that did not end its
    # own line, such as `Login Success`; None when the last answer did.
    unended_answer_at: int | None = None

    async def serve(self, receive: Receive, has_place: bool) -> None:
        await receive()  # tcp.connect
        if self.process.stopping:
            return
        if not has_place:
            await self.write(legacy.SERVER_FULL)
            return
        await self.write(legacy.GREETING)
        reader = legacy.CommandReader()
        timer = asyncio.get_running_loop().call_later(LOGIN_WITHIN, self.time_out)
        try:
            while (event := await receive())["type"] == "tcp.receive":
                if not await self.read(reader, event["data"]):
                    return
        except legacy.LineFlood:
            await self.abort()
        finally:
            timer.cancel()

    def time_out(self):
        if self.member is None:
            self.close_soon(CloseReason.SLOW)

    async def read(self, reader: legacy.CommandReader, data: bytes) -> bool:
        """Handle the lines that some bytes complete. Returns False when nothing more is handled.

        Other connections have a turn after each few bytes and lines, whatever these contain: one
        read may bring 256 KB, and its sender need not even have a name.
        """
        for start in range(0, len(data), BYTES_PER_TURN):
            commands_read = reader.feed(data[start : start + BYTES_PER_TURN])
            for count, command in enumerate(commands_read, 1):
                if self.input_is_too_late or (
                    command is not None and not await self.handle(command)
                ):
                    return False
                if count % COMMANDS_PER_TURN == 0:
                    await asyncio.sleep(0)
            if self.input_is_too_late:
                return False
            await asyncio.sleep(0)
        return True

    @property
    def input_is_too_late(self) -> bool:
        """Whether the client ended the connection so long ago that the rest is dropped.

        Source: chat/wire/README.md, D21.
        """
        ended_for = self.extension("chatsite.ended_for")
        seconds = ended_for() if ended_for else None
        return seconds is not None and seconds > LAST_LINES_WITHIN

    async def handle(self, command: commands.Command | commands.TimingMark) -> bool:
        """Handle one line. Returns False when it ends the connection."""
        if self.member is not None and self.ignores_input:
            return True
        if isinstance(command, commands.TimingMark):
            await self.send({"type": "tcp.send", "data": WONT_TIMING_MARK})
            return True
        if self.member is None:
            return await self.handle_outside(command)
        return await self.handle_inside(self.member, command)

    # Before the login

    async def handle_outside(self, command: commands.Command) -> bool:
        match command:
            case commands.Login():
                await self.login(command.name)
            case commands.LineTooLong(word="login"):
                await self.write(legacy.NAME_TAKEN)
            case commands.LineTooLong():
                await self.write(legacy.LINE_TOO_LONG)
            case commands.Help():
                await self.write(legacy.HELP_OUTSIDE, on_new_line=True)
            case commands.Logout() | commands.HttpRequestLine():
                return False
            case _:
                await self.write(legacy.unknown_command(command.word))
        return True

    async def login(self, name: str) -> None:
        try:
            self.member = await self.process.members.enter(
                name,
                user_id=None,
                door=Connection.Door.LEGACY,
                wire=legacy,
                send=self.send,
                close=self.close_soon,
                write=self.extension("chatsite.write"),
            )
        except Refused as refused:
            is_empty = refused.code is RefusalCode.NAME_EMPTY
            await self.write(legacy.NAME_EMPTY if is_empty else legacy.NAME_TAKEN)
        except Unavailable:
            await self.abort()
        else:
            await self.write(legacy.LOGIN_SUCCESS)
            self.member.follow(self.member.follower.cursor)

    # In the room

    async def handle_inside(self, member: Member, command: commands.Command) -> bool:
        match command:
            case commands.Say():
                await self.say(member, command)
            case commands.TextTooLong():
                await self.write(legacy.MESSAGE_TOO_LONG)
            case commands.LineTooLong():
                await self.write(legacy.LINE_TOO_LONG)
            case commands.Look():
                _, people = await member.look()
                await self.write(people)
            case commands.History():
                await self.history(member, command)
            case commands.Help():
                await self.write(legacy.HELP, on_new_line=True)
            case commands.Logout():
                await self.log_out()
                return False
            case _:
                await self.write(legacy.unknown_command(command.word))
        return True

    async def say(self, member: Member, command: commands.Say) -> None:
        try:
            await member.say(command)
        except Refused as refused:
            # The member's row is gone. The next check of this process's connections closes this
            # one.
            if refused.code is not RefusalCode.NOT_IN_ROOM:
                raise
        except Unavailable:
            await self.write(legacy.NOT_SENT)

    async def history(self, member: Member, command: commands.History) -> None:
        try:
            messages = await member.messages(command.limit)
        except Unavailable:
            await self.write(legacy.NOT_SENT, on_new_line=True)
        else:
            answer = b"".join(last_fitting(legacy.history(messages)))
            await self.write(answer, on_new_line=True)

    # Ending

    async def log_out(self) -> None:
        """Let the member leave; the server closes the connection after it."""
        await self.release()

    async def release(self) -> None:
        member, self.member = self.member, None
        await self.process.members.leave(member)

    async def close(self, reason: CloseReason) -> None:
        if reason is CloseReason.ERROR or (reason is CloseReason.SLOW and self.member is not None):
            await self.abort()
        else:
            await self.drain(reason)
            await self.send({"type": "tcp.close", "abort": False})

    async def abort(self) -> None:
        """Reset the connection; what the client has not taken is dropped."""
        await self.send({"type": "tcp.close", "abort": True})

    async def write(self, data: bytes, *, on_new_line: bool = False) -> None:
        """Send an answer; with `on_new_line` begin a new line unless the last text ended its own.

        The original's own answers are sent as they are. Source: chat/wire/README.md, D9.
        """
        if not data:
            return
        cursor = self.member.follower.cursor if self.member else 0
        if (
            on_new_line
            and self.unended_answer_at is not None
            and not (self.member and self.member.follower.has_sent_text(self.unended_answer_at))
        ):
            data = b"\n" + data
        self.unended_answer_at = None if data.endswith(b"\n") else cursor
        await self.send({"type": "tcp.send", "data": data})
