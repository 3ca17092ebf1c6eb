"""The commands of a member on the legacy port: each calls a method of the member, and answers."""

from typing import Protocol

from chat.consumers import text_search
from chat.consumers.text_following import TextFollowing
from chat.consumers.text_numbers import TextNumbers
from chat.consumers.text_rooms import TextRooms
from chat.consumers.text_speaking import TextSpeaking
from chat.live.database import Database, Unavailable
from chat.live.encoding import last_fitting
from chat.live.flood_limits import Allowance
from chat.live.member import Member
from chat.names.access_keys import without_keys
from chat.room.refusal import RefusalCode, Refused
from chat.wire import (
    commands,
    ignore_lines,
    legacy,
    message_commands,
    numbered,
    room_lines,
    words,
)

REFUSALS = {
    RefusalCode.NO_SUCH_ROOM: room_lines.NO_ROOM,
    RefusalCode.NO_SUCH_PERSON: room_lines.NO_PERSON,
    RefusalCode.NO_SUCH_MESSAGE: numbered.NO_MESSAGE,
    RefusalCode.TOO_LATE: numbered.TOO_LATE,
    RefusalCode.TOO_MANY_EDITS: numbered.TOO_MANY_EDITS,
    RefusalCode.TOO_MANY_REACTIONS: numbered.TOO_MANY_REACTIONS,
    RefusalCode.NOT_ALLOWED: room_lines.NOT_ALLOWED,
    RefusalCode.NOT_JOINED: room_lines.NOT_JOINED,
    RefusalCode.ARCHIVED: room_lines.ARCHIVED,
    RefusalCode.LAST_OWNER: room_lines.LAST_OWNER,
    RefusalCode.TOO_LONG: room_lines.TOPIC_TOO_LONG,
    RefusalCode.TOO_MANY_ROOMS: room_lines.TOO_MANY_ROOMS,
    RefusalCode.TOO_MANY_IGNORED: ignore_lines.TOO_MANY_IGNORED,
    RefusalCode.TOO_MANY_CREATED: room_lines.TOO_MANY_CREATED,
}

SPEAKING = ("to", "msg", "reply")  # the words about rooms and messages that say something
ASKING = (commands.RoomWord, commands.Search, message_commands.NumberWord)


class Write(Protocol):
    """Sends an answer to the client, with `on_new_line` at the beginning of a line."""

    async def __call__(self, data: bytes, *, on_new_line: bool = False) -> None: ...


class TextCommands:
    """Handles the commands of one member; `write` sends an answer to their client."""

    __slots__ = (
        "_database",
        "_member",
        "_numbers",
        "_rooms",
        "_speaking",
        "_write",
        "following",
    )

    def __init__(
        self, member: Member, database: Database, allowance: Allowance, write: Write
    ) -> None:
        self.following = TextFollowing(member)
        self._member = member
        self._database = database
        self._write = write
        self._speaking = TextSpeaking(member, self.following, allowance, self._answer)
        self._numbers = TextNumbers(member, self._speaking, self._answer)
        self._rooms = TextRooms(
            member, self.following, self._speaking, database, allowance, self._answer
        )

    async def _answer(self, data: bytes) -> None:
        await self._write(data, on_new_line=True)

    async def handle(self, command: commands.Command) -> None:
        """Handle one command other than `Logout`, and answer it."""
        try:
            await self._handle(command)
        except Refused as refused:
            # If the member's row is gone, the next check of this process's connections closes this
            # one.
            if refused.code is not RefusalCode.NOT_IN_ROOM:
                await self._answer(REFUSALS[refused.code])
        except Unavailable:
            is_said = command.word in SPEAKING
            is_asked = isinstance(command, ASKING) and not is_said
            data = room_lines.TRY_AGAIN if is_asked else legacy.NOT_SENT
            await self._write(data, on_new_line=not isinstance(command, commands.Say))

    async def _handle(self, command):
        match command:
            case commands.Say(text):
                await self._speaking.say(self._rooms.here, text)
            case commands.TextTooLong():
                await self._write(legacy.MESSAGE_TOO_LONG)
            case commands.LineTooLong():
                await self._write(legacy.LINE_TOO_LONG)
            case commands.Look():
                await self._look()
            case commands.History():
                await self._history(command)
            case commands.Ignore(name):
                await self._ignore(name)
            case commands.Unignore(name):
                await self._unignore(name)
            case commands.Search(query):
                await text_search.search(query, self._member, self._database, self._answer)
            case commands.RoomWord():
                await self._rooms.handle(command)
            case message_commands.Numbers():
                await self._numbers.toggle()
            case message_commands.NumberWord() if self._numbers.is_on:
                await self._numbers.handle(command, self._rooms.here)
            case commands.Help():
                is_member, has_numbers = self._member.user_id is not None, self._numbers.is_on
                await self._answer(words.help_inside(is_member=is_member, has_numbers=has_numbers))
            case _:
                await self._write(legacy.unknown_command(without_keys(command.word)))

    async def _ignore(self, name: str) -> None:
        ignoring = self._member.ignoring
        if name:
            await self._answer(ignore_lines.ignoring(await ignoring.ignore(name)))
        else:
            await self._answer(ignore_lines.listed(ignoring.names))

    async def _unignore(self, name: str) -> None:
        if name:
            name = await self._member.ignoring.stop_ignoring(name)
            await self._answer(ignore_lines.seen_again(name))
        else:
            await self._answer(room_lines.how_to_use("unignore"))

    async def _look(self) -> None:
        room_id = self._rooms.here
        if room_id == self._member.room_id:
            _, people = await self._member.look()
        else:
            here = (await self._member.look_into(room_id)).people
            people = legacy.encode_people(person for person in here if person.online)
        await self._write(people)

    async def _history(self, command: commands.History) -> None:
        room_id = self._rooms.here
        messages = await self._member.messages(command.limit, room_id)
        shown = [line for line in messages if not self._member.ignoring.hides(line)]
        encoded = legacy.history(shown)
        if self._numbers.is_on:
            pairs = zip(shown, encoded, strict=True)
            encoded = [numbered.numbered(line, data) for line, data in pairs]
        await self._answer(b"".join(last_fitting(encoded)))
        if messages:
            self._member.actions.note_read(room_id, messages[-1].seq)
