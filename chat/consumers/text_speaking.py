"""Speaking on the legacy port, in the lobby and in other rooms."""

from collections.abc import Awaitable, Callable

from chat.consumers.text_following import TextFollowing
from chat.live.database import Unavailable
from chat.live.flood_limits import Allowance
from chat.live.member import Member
from chat.models import Room
from chat.room.newcomers import Held
from chat.room.refusal import RefusalCode, Refused
from chat.room.summaries import RoomSummary
from chat.room.transcript import Said
from chat.wire import legacy, refusal_lines, room_lines
from chat.wire.commands import Say, is_too_long

Wait = Callable[[float], Awaitable[bool]]


class TextSpeaking:
    """Says what one member says. `answer(data)` sends an answer to the client.

    `wait(seconds)` holds the client and returns whether it has waited for so long. All methods
    raise `Refused` and `Unavailable`.
    """

    __slots__ = ("_allowance", "_answer", "_following", "_member", "_wait")

    def __init__(
        self,
        member: Member,
        following: TextFollowing,
        allowance: Allowance,
        answer: Callable[[bytes], Awaitable[None]],
        wait: Wait,
    ) -> None:
        self._member = member
        self._following = following
        self._allowance = allowance
        self._answer = answer
        self._wait = wait

    async def say(self, room_id: int, text: str, *, reply: int | None = None) -> None:
        """Say a clean text in a room. The line that comes back is the answer.

        It is a reply to the message with the number `reply`, if that is given.
        An account that speaks in an open room joins it; a guest has to join before.
        """
        if is_too_long(text):
            await self._answer(legacy.MESSAGE_TOO_LONG)
        elif room_id == self._member.room_id or self._following.is_followed(room_id):
            await self._say(room_id, text, reply)
        else:
            summary = await self._member.actions.summary(room_id)
            if summary.role is None and not self._joins_by_speaking(summary):
                raise Refused(RefusalCode.NOT_JOINED)
            await self.say_following(summary, text, reply=reply)

    def _joins_by_speaking(self, summary):
        return self._member.user_id is not None and summary.kind == Room.Kind.OPEN

    async def say_following(
        self, summary: RoomSummary, text: str, *, reply: int | None = None
    ) -> None:
        """Follow a room if it is not followed yet, and say a text there.

        The room is followed first, so that the line is not missed.
        """
        was_followed = self._following.is_followed(summary.id)
        if not was_followed:
            self._allowance.charge_joining()
            await self._following.follow(summary, summary.last if summary.role is None else None)
        try:
            await self._say(summary.id, text, reply)
        except (Refused, *Unavailable) as error:
            if not was_followed and summary.role is None:
                self._following.forget(summary.id)
            if isinstance(error, Refused) and error.code is RefusalCode.ASK_FIRST:
                raise Refused(RefusalCode.NOT_JOINED) from None  # only `join` asks to be let in
            raise

    async def _say(self, room_id, text, reply):
        room = None if room_id == self._member.room_id else room_id
        said = await self._say_in_turn(Say(text, room=room, reply=reply))
        if isinstance(said, Held):
            await self._answer(room_lines.HELD)
            return
        if said.again:
            await self._answer(room_lines.SAID)
        self._member.actions.note_read(room_id, said.seq)

    async def _say_in_turn(self, command: Say) -> Said | Held:
        """Say something, in slow mode when the time has come. The client waits meanwhile."""
        is_told = False
        while True:
            try:
                return await self._member.say(command)
            except Refused as refused:
                if refused.code is not RefusalCode.TOO_SOON or refused.wait is None:
                    raise
                wait = refused.wait
            if not is_told:
                await self._answer(refusal_lines.waits(wait))
                is_told = True
            if not await self._wait(wait):
                raise Refused(RefusalCode.TOO_SOON, wait=wait)
