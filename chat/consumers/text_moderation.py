"""The words of moderation on the legacy port, and `report`; see `chat.wire.words`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from chat.accounts import applications
from chat.consumers import text_queue
from chat.consumers.text_refusals import answer_to_word
from chat.live.database import Database
from chat.live.member import Member
from chat.models import Sanction
from chat.room import (
    actions,
    durations,
    holding,
    join_requests,
    moderation,
    purging,
    reports,
    room_rules,
    seen_addresses,
    typed_targets,
)
from chat.room.actions import Actor
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode, Refused
from chat.views.site_url import known_site_url
from chat.wire import moderation_lines, room_lines
from chat.wire.moderation_commands import ModerationWord
from chat.wire.words import MAX_DIGITS, WORDS

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

NOT_SLOW = ("off", "0")  # arguments of `slow`
RESTRAINTS = {"mute": moderation.mute, "kick": moderation.kick, "ban": moderation.ban}
LIFTING = {"unmute": moderation.unmute, "unban": moderation.unban}
DECISIONS = {
    "handle": reports.handle,
    "dismiss": reports.dismiss,
    "refuse": holding.refuse,
    "decline": join_requests.decline,
}
WITHOUT_REASON = {"release": holding.release, "admit": join_requests.admit}
OF_ACCOUNTS = {"approve": applications.approve, "reject": applications.reject}
MAX_AMOUNT = 6  # digits of a number of minutes or seconds


class Misused(Exception):
    """The arguments of a word are missing or make no sense."""


class Restraint(NamedTuple):
    """The duration and the reason that a moderator has typed."""

    duration: timedelta | None
    reason: str


class TextModeration:
    """Handles these words for one member. `answer(data)` sends an answer to the client."""

    __slots__ = ("_actor", "_address", "_answer", "_database", "_member")

    def __init__(
        self,
        member: Member,
        database: Database,
        address: str,
        answer: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._actor = Actor(member.user_id, member.id)
        self._member = member
        self._database = database
        self._address = address
        self._answer = answer

    async def offered(self, room_id: int) -> set[str]:
        """Return the actions that are offered to the member in a room. Raises `Unavailable`."""
        if self._member.user_id is None:
            return set()
        return await self._database.read_for_member(actions.offered, self._actor, room_id)

    async def knows(self, word: str, room_id: int) -> bool:
        """Return whether the member knows a word in a room. Raises `Unavailable`."""
        entry = WORDS[word]
        return not entry.actions or entry.is_offered(await self.offered(room_id))

    async def handle(self, command: ModerationWord, room_id: int) -> None:
        """Handle one word, and answer it. Raises `Unavailable`."""
        try:
            await HANDLERS[command.word](self, command, room_id)
        except Misused:
            await self._answer(room_lines.how_to_use(command.word))
        except Refused as refused:
            await self._answer(answer_to_word(command.word, refused))

    # Words

    async def restrain(self, command: ModerationWord, room_id: int) -> None:
        """Mute, kick or ban somebody."""
        target, rest = await self._target(command.argument)
        duration, reason = _restraint(rest)
        sanction = await self._moderate(RESTRAINTS[command.word], target, room_id, duration, reason)
        await self._answer(await self._restrained(command.word, sanction))

    async def _restrained(self, word: str, sanction: Sanction) -> bytes:
        room = await self._label(sanction.room_id)
        how_long = None
        if sanction.until is not None:
            how_long = durations.describe(sanction.until - sanction.since)
        return moderation_lines.done(word, sanction.name, room, how_long)

    async def _label(self, room_id: int | None) -> str | None:
        """Return the label of a room, None for the whole site."""
        if room_id is None:
            return None
        summary = await self._member.actions.summary(room_id)
        return room_lines.label(summary.slug, summary.people)

    async def lift(self, command: ModerationWord, room_id: int) -> None:
        """Lift mutes or bans."""
        target, rest = await self._target(command.argument)
        if rest:
            raise Misused
        ended = await self._moderate(LIFTING[command.word], target, room_id)
        places = [await self._label(each.room_id) for each in ended.remaining]
        await self._answer(moderation_lines.undone(command.word, target.name, places))

    async def purge(self, command: ModerationWord, room_id: int) -> None:
        """Remove what somebody has said in the last minutes."""
        target, rest = await self._target(command.argument)
        number, _, reason = rest.partition(" ")
        minutes = _number(number, MAX_AMOUNT)
        if not minutes:
            raise Misused
        purged = await self._moderate(purging.purge, target, room_id, minutes, reason.strip())
        await self._answer(moderation_lines.purged(target.name, purged.count))

    async def unpurge(self, command: ModerationWord, room_id: int) -> None:
        """Restore what the moderator's last purge has removed."""
        entry_id = await self._ask(purging.latest_purge, room_id)
        if entry_id is None:
            raise Refused(RefusalCode.NO_SUCH_ENTRY)
        count = await self._moderate(purging.undo_purge, entry_id)
        await self._answer(moderation_lines.restored(count))

    async def slow(self, command: ModerationWord, room_id: int) -> None:
        """Set or end slow mode."""
        seconds = 0 if command.argument in NOT_SLOW else _number(command.argument, MAX_AMOUNT)
        await self._moderate(room_rules.set_slow, room_id, seconds)
        await self._answer(moderation_lines.slow(seconds))

    async def lock(self, command: ModerationWord, room_id: int) -> None:
        """Let only moderators speak."""
        await self._moderate(room_rules.set_locked, room_id, True)
        await self._answer(moderation_lines.LOCKED)

    async def unlock(self, command: ModerationWord, room_id: int) -> None:
        """Let everybody speak again."""
        await self._moderate(room_rules.set_locked, room_id, False)
        await self._answer(moderation_lines.UNLOCKED)

    async def report(self, command: ModerationWord, room_id: int) -> None:
        """Tell the moderators about somebody."""
        if not command.argument:
            raise Misused
        person, why = await self._database.read_for_member(typed_targets.person, command.argument)
        if not why:
            raise Misused
        await self._member.actions.report(room_id, None, person, why)
        await self._answer(moderation_lines.REPORTED)

    async def reports(self, command: ModerationWord, room_id: int) -> None:
        """List what waits for the moderator in the room, or on the whole site in the lobby."""
        only = None if room_id == self._member.room_id else room_id
        await self._answer(await self._ask(text_queue.read, only))

    async def requests(self, command: ModerationWord, room_id: int) -> None:
        """List who asks to join the room; in the lobby any room, or for an account."""
        only = None if room_id == self._member.room_id else room_id
        await self._answer(await self._ask(text_queue.read_requests, only))

    async def decide(self, command: ModerationWord, room_id: int) -> None:
        """Decide about what waits: a report, a held message, or somebody who asks to come in."""
        word = command.word
        number, _, reason = command.argument.partition(" ")
        entry_id = _number(number, MAX_DIGITS)
        if word in WITHOUT_REASON:
            await self._moderate(WITHOUT_REASON[word], entry_id)
        elif word in OF_ACCOUNTS:
            # The person is told by mail, with a link.
            await self._moderate(OF_ACCOUNTS[word], entry_id, reason.strip(), known_site_url())
        else:
            await self._moderate(DECISIONS[word], entry_id, reason.strip())
        await self._answer(moderation_lines.decided(word, entry_id))

    async def addresses(self, command: ModerationWord, room_id: int) -> None:
        """Tell from where somebody came, or who came from an address."""
        target, rest = await self._target(command.argument)
        if rest:
            raise Misused
        seen = await self._ask(seen_addresses.asked_by, target)
        await self._answer(moderation_lines.addresses(seen))

    # Helpers

    async def _target(self, argument: str) -> typed_targets.NamedTarget:
        if not argument:
            raise Misused
        return await self._database.read_for_member(typed_targets.named, argument)

    async def _moderate(
        self,
        function: Callable[Concatenate[Moderator, Arguments], Result],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Result:
        """Return the result of a function that changes something."""
        return await self._database.write(self._call(function, *arguments, **options))

    async def _ask(
        self,
        function: Callable[Concatenate[Moderator, Arguments], Result],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Result:
        """Return the result of a function that only reads."""
        return await self._database.read_for_member(self._call(function, *arguments, **options))

    def _call(
        self,
        function: Callable[Concatenate[Moderator, Arguments], Result],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Callable[[], Result]:
        """Return a function without arguments that lets the member act as a moderator."""
        return lambda: actions.moderate(
            self._actor, Door.TEXT, self._address, function, *arguments, **options
        )


def _restraint(text: str) -> Restraint:
    """Return the duration with which a text begins, if it does, and the reason behind it."""
    first, _, rest = text.partition(" ")
    if durations.is_duration(first):
        return Restraint(durations.parse(first), rest.strip())
    return Restraint(None, text)


def _number(text: str, digits: int) -> int:
    """Return the number that a text is. Raises `Misused` for other texts and longer numbers."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise Misused
    return int(text)


HANDLERS: dict[str, Callable[[TextModeration, ModerationWord, int], Awaitable[None]]] = {
    "report": TextModeration.report,
    "mute": TextModeration.restrain,
    "unmute": TextModeration.lift,
    "kick": TextModeration.restrain,
    "ban": TextModeration.restrain,
    "unban": TextModeration.lift,
    "purge": TextModeration.purge,
    "unpurge": TextModeration.unpurge,
    "slow": TextModeration.slow,
    "lock": TextModeration.lock,
    "unlock": TextModeration.unlock,
    "reports": TextModeration.reports,
    "handle": TextModeration.decide,
    "dismiss": TextModeration.decide,
    "release": TextModeration.decide,
    "refuse": TextModeration.decide,
    "requests": TextModeration.requests,
    "admit": TextModeration.decide,
    "decline": TextModeration.decide,
    "approve": TextModeration.decide,
    "reject": TextModeration.decide,
    "addresses": TextModeration.addresses,
}
