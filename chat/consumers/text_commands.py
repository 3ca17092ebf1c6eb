"""The commands of a member on the legacy port: each calls a method of the member, and answers."""

from typing import Protocol

from chat.consumers import text_search
from chat.consumers.text_following import TextFollowing
from chat.consumers.text_moderation import TextModeration
from chat.consumers.text_numbers import TextNumbers
from chat.consumers.text_refusals import answer_to
from chat.consumers.text_rooms import TextRooms
from chat.consumers.text_speaking import TextSpeaking, Wait
from chat.live.database import Database, Unavailable
from chat.live.encoding import last_fitting
from chat.live.flood_limits import Allowance
from chat.live.member import Member
from chat.models.unavailable import OutcomeUnknown
from chat.names.access_keys import without_keys
from chat.room.ignoring import without_ignored
from chat.room.refusal import Refused
from chat.wire import (
    commands,
    ignore_lines,
    legacy,
    message_commands,
    numbered,
    room_lines,
    words,
)
from chat.wire.ignore_commands import Ignore, Unignore
from chat.wire.moderation_commands import ModerationWord

SPEAKING = ("to", "msg", "reply")  # the words about rooms and messages that say something
ASKING = (
    commands.RoomWord,
    commands.Search,
    commands.Help,
    message_commands.NumberWord,
    ModerationWord,
)


class Write(Protocol):
    """Sends an answer to the client, with `on_new_line` at the beginning of a line."""

    async def __call__(self, data: bytes, *, on_new_line: bool = False) -> None: ...


class TextCommands:
    """Handles the commands of one member; `write` sends an answer to their client.

    `wait(seconds)` holds the client and returns whether it has waited for so long. `address` is
    that of the client.
    """

    __slots__ = (
        "_database",
        "_member",
        "_moderation",
        "_numbers",
        "_rooms",
        "_speaking",
        "_write",
        "following",
    )

    def __init__(
        self,
        member: Member,
        database: Database,
        allowance: Allowance,
        write: Write,
        wait: Wait,
        address: str,
    ) -> None:
        self.following = TextFollowing(member)
        self._member = member
        self._database = database
        self._write = write
        self._speaking = TextSpeaking(member, self.following, allowance, self._answer, wait)
        self._numbers = TextNumbers(member, self._speaking, self._answer)
        self._moderation = TextModeration(member, database, address, self._answer)
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
            await self._answer(answer_to(refused))
        except Unavailable as error:
            data = _not_done(command, error)
            await self._write(data, on_new_line=not isinstance(command, commands.Say))

    async def _handle(self, command):
        here = self._rooms.here
        match command:
            case commands.Say(text):
                await self._speaking.say(here, text)
            case commands.TextTooLong():
                await self._write(legacy.MESSAGE_TOO_LONG)
            case commands.LineTooLong():
                await self._write(legacy.LINE_TOO_LONG)
            case commands.Look():
                await self._look()
            case commands.History():
                await self._history(command)
            case Ignore(name):
                await self._ignore(name)
            case Unignore(name):
                await self._unignore(name)
            case commands.Search(query):
                await text_search.search(query, self._member, self._database, self._answer)
            case commands.RoomWord():
                await self._rooms.handle(command)
            case message_commands.Numbers():
                await self._numbers.toggle()
            case message_commands.NumberWord() if self._numbers.is_on:
                await self._numbers.handle(command, here)
            case ModerationWord() if await self._moderation.knows(command.word, here):
                await self._moderation.handle(command, here)
            case commands.Help():
                await self._answer(
                    words.help_inside(
                        is_member=self._member.user_id is not None,
                        has_numbers=self._numbers.is_on,
                        offered=await self._moderation.offered(here),
                    )
                )
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
        shown = without_ignored(messages, self._member.ignoring.keys)
        encoded = legacy.history(shown)
        if self._numbers.is_on:
            pairs = zip(shown, encoded, strict=True)
            encoded = [numbered.numbered(line, data) for line, data in pairs]
        await self._answer(b"".join(last_fitting(encoded)))
        if messages:
            self._member.actions.note_read(room_id, messages[-1].seq)


def _not_done(command: commands.Command, error: Exception) -> bytes:
    """Return the answer to a command that failed because of the database."""
    is_said = isinstance(command, commands.Say) or command.word in SPEAKING
    if is_said and isinstance(error, OutcomeUnknown):
        return legacy.PERHAPS_SENT  # a message that is said again would be there twice
    return room_lines.TRY_AGAIN if isinstance(command, ASKING) and not is_said else legacy.NOT_SENT
