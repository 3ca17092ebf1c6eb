"""The legacy consumer: lines on TCP, for guests and for members with an access key."""

import asyncio
from contextlib import suppress

from chat.consumers.base import COMMANDS_PER_TURN, MemberConsumer, Receive
from chat.consumers.read_ahead import ReadAhead
from chat.consumers.text_commands import TextCommands
from chat.consumers.text_login import Identity, identify, may_stay
from chat.consumers.text_notices import TextNotices
from chat.live.database import Unavailable
from chat.live.member import CloseReason, Member
from chat.live.open_sockets import SocketKind
from chat.models import Connection
from chat.names.access_keys import without_keys
from chat.room import actions
from chat.room.actions import Actor
from chat.room.refusal import RefusalCode, Refused
from chat.wire import commands, legacy, refusal_lines, room_lines, words
from chat.wire.telnet import WONT_TIMING_MARK

LOGIN_WITHIN = 120  # seconds
LAST_LINES_WITHIN = 0.5  # seconds in which the lines of a connection that has ended are handled
EXPULSIONS = (CloseReason.REMOVED, CloseReason.SIGN_IN)
BYTES_PER_TURN = 4096  # of one connection, before other connections have a turn


class TextConsumer(MemberConsumer):
    """Translates between the lines of a TCP connection and a `Member`."""

    socket_kind = SocketKind.LEGACY
    # The number of the last line of the room that was sent before an answer that did not end its
    # own line, such as `Login Success`; None when the last answer did.
    unended_answer_at: int | None = None

    async def serve(self, receive: Receive) -> None:
        self.ahead = ReadAhead(receive)
        try:
            await self.serve_events()
        finally:
            self.ahead.stop()

    async def serve_events(self):
        await self.ahead.event()  # tcp.connect
        if self.process.stopping:
            return
        if self.place.refused or not self.place.count_for_address():
            await self.write(legacy.SERVER_FULL)
            # There is no room for sockets that wait until their clients close too.
            await self.send({"type": "tcp.close", "linger": False})
            return
        await self.write(legacy.GREETING)
        self.reader = legacy.CommandReader()
        self.note_pending = self.extension("chatsite.note_pending") or self.note_pending
        timer = asyncio.get_running_loop().call_later(LOGIN_WITHIN, self.time_out)
        try:
            while (event := await self.ahead.event())["type"] == "tcp.receive":
                if not await self.read(event["data"]):
                    return
        except legacy.LineFlood:
            await self.abort()
        finally:
            timer.cancel()

    def time_out(self):
        if self.member is None:
            self.close_soon(CloseReason.SLOW)

    async def read(self, data: bytes) -> bool:
        """Handle the lines that some bytes complete. Returns False when nothing more is handled.

        Other connections have a turn after each few bytes and lines, whatever these contain: one
        read may bring 256 KB, and its sender need not even have a name.
        """
        for start in range(0, len(data), BYTES_PER_TURN):
            part = data[start : start + BYTES_PER_TURN]
            await self.gate.spend(0, len(part))
            read = self.reader.feed(part)
            self.note_pending(self.reader.kept_bytes)
            for count, command in enumerate(read, 1):
                await self.gate.spend(1, 0)
                if self.input_is_too_late:
                    return False
                if command is not None and not await self.handle(command):
                    return False
                if count % COMMANDS_PER_TURN == 0:
                    await asyncio.sleep(0)
            if self.input_is_too_late:
                return False
            await asyncio.sleep(0)
        return True

    async def wait_in_slow_mode(self, seconds: float) -> bool:
        """Hold the client for some seconds. Returns False when it leaves or is ended meanwhile."""
        await self.gate.hold(seconds, is_ended=self.is_leaving)
        return not (self.ignores_input or self.is_leaving())

    def is_leaving(self) -> bool:
        """Return whether the client has left, or has sent `logout` behind the present lines."""
        is_leaving = self.ahead.look()
        self.note_pending(self.reader.kept_bytes + self.ahead.kept_bytes)
        return is_leaving

    def note_pending(self, size: int) -> None:
        """Tell a server that bounds the memory of unfinished lines what this connection keeps."""

    @property
    def input_is_too_late(self) -> bool:
        """Whether the client ended the connection so long ago that the rest is dropped.

        Source: chat/wire/README.md, D21.
        """
        return self.has_gone(0)

    def has_gone(self, wait: float) -> bool:
        ended_for = self.extension("chatsite.ended_for")
        seconds = ended_for() if ended_for else None
        return seconds is not None and seconds + wait > LAST_LINES_WITHIN

    async def handle(self, command: commands.Command | commands.TimingMark) -> bool:
        """Handle one line. Returns False when it ends the connection."""
        if self.member is not None and self.ignores_input:
            return True
        if isinstance(command, commands.TimingMark):
            await self.send({"type": "tcp.send", "data": WONT_TIMING_MARK})
            return True
        if self.member is None:
            return await self.handle_outside(command)
        if isinstance(command, commands.Logout):
            await self.release()
            return False
        await self.commands.handle(command)
        return True

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
                await self.write(words.help_outside(), on_new_line=True)
            case commands.Logout() | commands.HttpRequestLine():
                return False
            case _:
                await self.write(legacy.unknown_command(without_keys(command.word)))
        return True

    async def login(self, argument: str) -> None:
        database = self.process.database
        try:
            identity = await identify(argument, self.address, database)
            self.member = await self.enter(identity)
            if not await may_stay(identity, database):
                await self.release()
                raise Refused(RefusalCode.NAME_TAKEN)
        except Refused as refused:
            is_empty = refused.code is RefusalCode.NAME_EMPTY
            await self.write(legacy.NAME_EMPTY if is_empty else legacy.NAME_TAKEN)
        except Unavailable:
            await self.abort()
        else:
            await self.begin(self.member)

    async def enter(self, identity: Identity) -> Member:
        allowance = self.gate.allowance
        if identity.user_id is not None:
            self.process.flood_limits.identify(allowance, identity.user_id)
        member = await self.process.members.enter(
            identity.name,
            user_id=identity.user_id,
            door=Connection.Door.LEGACY,
            wire=legacy,
            send=self.send,
            close=self.close_soon,
            write=self.extension("chatsite.write"),
            session_key=identity.session_key,
            address=self.address,
            make_room_wire=lambda summary: room_lines.RoomWire.of(summary.slug, summary.people),
        )
        if member.is_newcomer:
            allowance.charge_entering()
        return member

    async def begin(self, member: Member) -> None:
        """Answer the login, and follow the lobby and the other rooms of the member."""
        await self.write(legacy.LOGIN_SUCCESS)
        member.follow(member.follower.cursor)
        self.commands = TextCommands(
            member,
            self.process.database,
            self.gate.allowance,
            self.write,
            self.wait_in_slow_mode,
            self.address,
        )
        rooms = await self.process.watch.welcome(member)
        following = self.commands.following  # it knows all that was told before
        member.rooms.listener = TextNotices(following, member.room_id)
        await following.follow_all(rooms)
        self.process.personal.hear(member.id)
        await self.process.held.welcome(member.rooms)

    # Ending

    async def release(self) -> None:
        member, self.member = self.member, None
        await self.process.members.end(member)

    async def close(self, reason: CloseReason) -> None:
        if reason is CloseReason.ERROR or (reason is CloseReason.SLOW and self.member is not None):
            await self.abort()
        else:
            await self.drain(reason)
            if reason in EXPULSIONS and self.member is not None:
                with suppress(*Unavailable):
                    await self.tell_reason(self.member)
            await self.send({"type": "tcp.close"})

    async def tell_reason(self, member: Member) -> None:
        """Tell a member who may not stay on the site why, if that is for more than this time."""
        actor = Actor(member.user_id, member.id)
        reason = await self.process.database.read(
            actions.reason_to_leave, actor, member.name, self.address
        )
        if reason:
            await self.write(refusal_lines.notice(reason), on_new_line=True)

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
            and not (self.member and self.commands.following.has_sent_text(self.unended_answer_at))
        ):
            data = b"\n" + data
        self.gate.allowance.charge_answer(len(data))
        self.unended_answer_at = None if data.endswith(b"\n") else cursor
        await self.send({"type": "tcp.send", "data": data})
