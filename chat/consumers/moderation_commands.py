"""The `moderate` and `report` frames of a web member, and what sanctions tell it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chat.live.database import Database
from chat.live.member import Member
from chat.models import Sanction, User
from chat.room import (
    durations,
    lifting,
    moderation,
    moderation_entries,
    purging,
    room_rules,
    sanctions,
    targets,
)
from chat.room.actions import Actor
from chat.room.moderation import Ended
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode, Refused
from chat.wire import frames
from chat.wire.interface import Event
from chat.wire.moderation_commands import Moderate, Report

MINUTE = 60  # seconds

Fields = Mapping[str, Any]  # of the answer
Action = Callable[[Moderator, Moderate, int | None], Fields]
Rule = Callable[[Moderator, Moderate, int], Fields]


class ModerationCommands:
    """Handles these commands of one member. `answer(event)` sends a frame to their client.

    All methods raise `Refused` and `Unavailable`.
    """

    __slots__ = ("_address", "_answer", "_database", "_member")

    def __init__(
        self,
        member: Member,
        database: Database,
        address: str,
        answer: Callable[[Event], Awaitable[None]],
    ) -> None:
        self._member = member
        self._database = database
        self._address = address
        self._answer = answer

    async def moderate(self, command: Moderate) -> None:
        """Do something as a moderator. The answer says what was made, so that it can be undone."""
        actor, lobby_id = Actor(self._member.user_id, self._member.id), self._member.room_id
        database = self._database
        run = database.read_for_member if command.action in READING else database.write
        fields = await run(_moderate, actor, self._address, command, lobby_id)
        event = frames.done(command.word, room=command.room, action=command.action, **fields)
        await self._answer(event)

    async def report(self, command: Report) -> None:
        """Report a message or a person to the moderators of a room."""
        room_id = self._member.room_id if command.room is None else command.room
        await self._member.actions.report(room_id, command.seq, command.name, command.why)
        await self._answer(frames.done(command.word, command.seq, command.room))


def _moderate(actor: Actor, address: str, command: Moderate, lobby_id: int) -> Fields:
    """Do what a command says. Rules are those of a room, by default of the lobby."""
    moderator = Moderator(actor.account(), Door.PAGE, address)
    if (change := RULES.get(command.action)) is not None:
        return change(moderator, command, lobby_id if command.room is None else command.room)
    return ON_PEOPLE[command.action](moderator, command, command.room)


def _restraint(restrain: Callable[..., Sanction]) -> Action:
    def act(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
        target = targets.find(command.target)
        duration = durations.parse(command.duration) if command.duration else None
        sanction = restrain(moderator, target, room_id, duration, command.reason)
        return {"entry": sanction.pk, "until": sanction.until}

    return act


def _lifting(undo: Callable[..., Ended]) -> Action:
    def act(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
        ended = undo(moderator, targets.find(command.target), room_id)
        return {"remaining": [_fields(each) for each in ended.remaining]}

    return act


def _lift(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
    if command.entry is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    moderation.lift(moderator, command.entry)
    return {}


def _purge(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
    duration = durations.parse(command.duration)
    minutes = max(1, round(duration.total_seconds() / MINUTE))
    target = targets.find(command.target)
    purged = purging.purge(moderator, target, room_id, minutes, command.reason)
    return {"entry": purged.entry_id, "count": purged.count}


def _unpurge(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
    entry_id = command.entry
    if entry_id is None:
        entry_id = purging.latest_purge(moderator, room_id)
    if entry_id is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    return {"count": purging.undo_purge(moderator, entry_id)}


def _sanctions(moderator: Moderator, command: Moderate, room_id: int | None) -> Fields:
    """Return what holds for somebody, as far as the member sees it; others see nothing."""
    found = moderation_entries.sanctions_of(moderator.user, targets.find(command.target), room_id)
    liftable = lifting.liftable(moderator, found)
    return {"sanctions": [_fields(each) | {"lift": each.pk in liftable} for each in found]}


def _fields(sanction):
    return {"kind": sanction.kind, "room": sanction.room_id}


def _slow(moderator: Moderator, command: Moderate, room_id: int) -> Fields:
    seconds = durations.parse(command.duration).total_seconds() if command.duration else 0
    room_rules.set_slow(moderator, room_id, round(seconds))
    return {}


def _switch(switch: Callable[[Moderator, int, bool], object], on: bool) -> Rule:
    def act(moderator: Moderator, command: Moderate, room_id: int) -> Fields:
        switch(moderator, room_id, on)
        return {}

    return act


# The actions on people; without a room they concern the whole site.
ON_PEOPLE: dict[str, Action] = {
    "mute": _restraint(moderation.mute),
    "kick": _restraint(moderation.kick),
    "ban": _restraint(moderation.ban),
    "unmute": _lifting(moderation.unmute),
    "unban": _lifting(moderation.unban),
    "lift": _lift,
    "purge": _purge,
    "unpurge": _unpurge,
    "sanctions": _sanctions,
}
READING = frozenset({"sanctions"})  # the actions that change nothing
RULES: dict[str, Rule] = {
    "slow": _slow,
    "lock": _switch(room_rules.set_locked, True),
    "unlock": _switch(room_rules.set_locked, False),
    "by_request": _switch(room_rules.set_by_request, True),
    "not_by_request": _switch(room_rules.set_by_request, False),
}


def details(refused: Refused) -> dict[str, Any]:
    """Return the fields of an `error` frame that say until when, and why, something is refused."""
    fields: dict[str, Any] = {}
    if refused.code in (RefusalCode.MUTED, RefusalCode.BANNED):
        fields = {"until": refused.until, "reason": refused.reason}
    elif refused.reason:
        fields["reason"] = refused.reason
    if refused.wait is not None:
        fields["wait"] = round(refused.wait, 1)
    return fields


def ban_of(user_id: int | None, address: str) -> dict[str, Any]:
    """Return the fields of a `bye` for somebody who is banned from the site, empty for others."""
    user = None if user_id is None else User.objects.filter(pk=user_id).first()
    ban = None if user is None else sanctions.banned_from_site(user=user, address=address)
    return {} if ban is None else {"until": ban.until, "reason": ban.reason}
