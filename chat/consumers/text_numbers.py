"""The numbers of lines on the legacy port, and the words about messages with a number."""

from collections.abc import Awaitable, Callable

from chat.consumers.amendments import as_line
from chat.consumers.text_speaking import TextSpeaking
from chat.live.member import Member
from chat.room.amendment import Amended
from chat.wire import legacy, numbered, room_lines
from chat.wire.commands import is_too_long
from chat.wire.emoji import is_emoji
from chat.wire.interface import Wire
from chat.wire.message_commands import Edit, NumberWord, React, Remove
from chat.wire.numbered import NumberedWire


class TextNumbers:
    """Shows numbers to one member while `is_on`, and handles the words about them.

    `answer(data)` sends an answer to the client. All methods raise `Refused` and `Unavailable`.
    """

    __slots__ = ("_answer", "_member", "_speaking", "is_on")

    def __init__(
        self, member: Member, speaking: TextSpeaking, answer: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self.is_on = False
        self._member = member
        self._speaking = speaking
        self._answer = answer

    async def toggle(self) -> None:
        """Begin or end to show numbers, in all rooms."""
        self.is_on = not self.is_on
        self._member.adapt_wires(_with_numbers if self.is_on else _without_numbers)
        await self._answer(numbered.NUMBERS_ON if self.is_on else numbered.NUMBERS_OFF)

    async def handle(self, command: NumberWord, room_id: int) -> None:
        """Handle a word about a message of a room, and answer it."""
        seq, argument = command.seq, command.argument
        if seq is None or not (argument or command.word == Remove.word):
            await self._answer(room_lines.how_to_use(command.word))
        elif is_too_long(argument):
            await self._answer(legacy.MESSAGE_TOO_LONG)
        else:
            await HANDLERS[command.word](self, self._room(room_id), seq, argument)

    def _room(self, room_id):
        return None if room_id == self._member.room_id else room_id

    # Words

    async def reply(self, room: int | None, seq: int, text: str) -> None:
        """Say something as a reply. The line that comes back is the answer."""
        await self._speaking.say(room or self._member.room_id, text, reply=seq)

    async def edit(self, room: int | None, seq: int, text: str) -> None:
        """Give a message another text. The line that comes back is the answer."""
        amended = await self._amend(Edit(seq, text, room))
        if amended.seq is None:
            await self._answer(numbered.NOTHING_CHANGED)
        elif not amended.shown:
            await self._answer(room_lines.SAID)

    async def remove(self, room: int | None, seq: int, argument: str) -> None:
        """Remove a message."""
        amended = await self._amend(Remove(seq, room))
        is_changed = amended.seq is not None
        await self._answer(numbered.removed(seq) if is_changed else numbered.NOTHING_CHANGED)

    async def react(self, room: int | None, seq: int, emoji: str) -> None:
        """React to a message, or take that back if it was done before."""
        if not is_emoji(emoji):
            await self._answer(numbered.NO_EMOJI)
            return
        amended = await self._amend(React(seq, emoji, on=True, room=room))
        is_on = amended.seq is not None
        if not is_on:
            await self._amend(React(seq, emoji, on=False, room=room))
        await self._answer(numbered.reacted(seq, emoji, on=is_on))

    async def _amend(self, command: Edit | Remove | React) -> Amended:
        kind, text = as_line(command)
        return await self._member.amend(kind, command.room, command.seq, text)


def _with_numbers(wire: Wire) -> Wire:
    return wire if isinstance(wire, NumberedWire) else NumberedWire(wire)


def _without_numbers(wire: Wire) -> Wire:
    return wire.plain if isinstance(wire, NumberedWire) else wire


HANDLERS: dict[str, Callable[[TextNumbers, int | None, int, str], Awaitable[None]]] = {
    "reply": TextNumbers.reply,
    "edit": TextNumbers.edit,
    "remove": TextNumbers.remove,
    "react": TextNumbers.react,
}
