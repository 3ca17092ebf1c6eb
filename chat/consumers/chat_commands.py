"""The commands of a web member: each calls a method of the member, and sends the answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from chat.consumers.amendments import as_line
from chat.consumers.moderation_commands import ModerationCommands
from chat.consumers.room_notices import RoomNotices
from chat.live.member import Member
from chat.room.newcomers import Held
from chat.room.refusal import RefusalCode
from chat.room.summaries import RoomSummary
from chat.wire import commands, frames, room_frames
from chat.wire.ignore_commands import AskIgnored, Ignore, Unignore
from chat.wire.interface import Event
from chat.wire.message_commands import Edit, MessageCommand, React, Remove, Restore
from chat.wire.moderation_commands import Moderate, Report

# The codes of `error` frames for refusals. Those that are missing end the connection: it is gone,
# and the next check by `Evictions` closes it with the right reason.
ERROR_CODES = {
    RefusalCode.NO_SUCH_ROOM: "no_room",
    RefusalCode.NO_SUCH_PERSON: "no_person",
    RefusalCode.NO_SUCH_MESSAGE: "no_message",
    RefusalCode.TOO_LATE: "too_late",
    RefusalCode.TOO_MANY_EDITS: "too_many_edits",
    RefusalCode.TOO_MANY_REACTIONS: "too_many_reactions",
    RefusalCode.NOT_ALLOWED: "not_allowed",
    RefusalCode.TOO_MANY_HELD: "too_many_held",
    RefusalCode.ARCHIVED: "archived",
    RefusalCode.LAST_OWNER: "last_owner",
    RefusalCode.NAME_TAKEN: "name_taken",
    RefusalCode.BAD_NAME: "bad_name",
    RefusalCode.TOO_LONG: "long_topic",
    RefusalCode.TOO_MANY_CREATED: "too_many_rooms",
    RefusalCode.TOO_MANY_ROOMS: "too_many_requests",
    RefusalCode.NO_SUCH_FILE: "no_file",
    RefusalCode.TOO_MANY_IGNORED: "too_many_ignored",
    RefusalCode.MUTED: "muted",
    RefusalCode.BANNED: "banned",
    RefusalCode.LOCKED: "locked",
    RefusalCode.TOO_SOON: "too_soon",
    RefusalCode.ASK_FIRST: "ask_first",
    RefusalCode.BAD_TARGET: "bad_target",
    RefusalCode.BAD_DURATION: "bad_duration",
    RefusalCode.NO_SUCH_ENTRY: "no_entry",
    RefusalCode.DECIDED: "decided",
}


class ChatCommands:
    """Handles the commands of one member. `answer(event)` sends a frame to their client.

    All methods raise `Refused` and `Unavailable`.
    """

    __slots__ = ("_answer", "_member", "_moderation", "_notices")

    def __init__(
        self,
        member: Member,
        notices: RoomNotices,
        moderation: ModerationCommands,
        answer: Callable[[Event], Awaitable[None]],
    ) -> None:
        self._member = member
        self._moderation = moderation
        self._notices = notices
        self._answer = answer

    async def handle(self, command: commands.Command) -> None:
        """Handle one command other than `Logout`."""
        if getattr(command, "room", None) is not None or isinstance(command, commands.Direct):
            self._notices.become_aware()
        match command:
            case commands.Say():
                await self._say(command)
            case Edit() | Remove() | Restore() | React():
                await self._amend(command)
            case Moderate():
                await self._moderation.moderate(command)
            case Report():
                await self._moderation.report(command)
            case commands.Look():
                await self._look(command)
            case commands.History():
                await self._history(command)
            case Ignore(name):
                await self._member.ignoring.ignore(name)
                await self._tell_ignored(command)
            case AskIgnored(name):
                listed = self._member.ignoring.listed(name)
                await self._tell_ignored(command, listed=listed)
            case Unignore(name):
                await self._member.ignoring.stop_ignoring(name)
                await self._tell_ignored(command)
            case commands.Open():
                await self._open(command)
            case commands.Close():
                self._member.rooms.close(command.room)
            case _:
                await self._act(command)

    async def _say(self, command: commands.Say) -> None:
        said = await self._member.say(command)
        if isinstance(said, Held):
            reason = said.row.reason if said.is_refused else None
            await self._answer(frames.held(command.client_id, command.room, reason))
        elif said.again:
            await self._answer(frames.said(command.client_id, said.seq, command.room))

    async def _amend(self, command: MessageCommand) -> None:
        kind, text = as_line(command)
        amended = await self._member.amend(kind, command.room, command.seq, text)
        if not amended.shown:
            await self._answer(frames.done(command.word, command.seq, command.room))

    async def _look(self, command: commands.Look) -> None:
        if command.room is None or command.room == self._member.room_id:
            seq, people = await self._member.look()
        else:
            here = await self._member.look_into(command.room)
            seq, people = here.seq, here.encoded(room_frames.encode_members)
        await self._answer(frames.people(seq, people, command.room))

    async def _history(self, command: commands.History) -> None:
        page = await self._member.history(command)
        await self._answer(
            frames.history(
                encoded=page.lines, more=page.more, skipped=page.skipped, room=command.room
            )
        )

    async def _tell_ignored(self, command: commands.Command, **fields: str | None) -> None:
        names = self._member.ignoring.names
        await self._answer(frames.ignored(names, command.word, **fields))

    # Following rooms

    async def _open(self, command: commands.Open) -> None:
        if command.room == self._member.room_id:
            await self._open_lobby(command)
        else:
            await self._open_other(command)

    async def _open_lobby(self, command):
        """Answer as for any other room; the lines of the lobby come in any case."""
        summary = await self._member.actions.summary(command.room)
        opening = await self._member.opening(command.after, count_messages=command.count_messages)
        await self._answer(_opened(summary, opening, opening.people))

    async def _open_other(self, command):
        opened = await self._member.rooms.open(
            command.room, command.after, count_messages=command.count_messages
        )
        people = opened.people.encoded(room_frames.encode_members)
        await self._answer(_opened(opened.summary, opened.opening, people))
        self._member.rooms.begin(opened.follower)

    # Changing rooms

    async def _act(self, command: commands.Command) -> None:
        actions = self._member.actions
        match command:
            case commands.Join(room):
                await self._tell("joined", await actions.join(room), command)
            case commands.Part(room):
                left = await actions.part(room)
                await self._tell("left", {"id": left.id, "slug": left.slug}, command)
            case commands.SetTopic(room, text):
                await self._tell("changed", await actions.set_topic(room, text), command)
            case commands.Invite(room, name):
                await self._tell("changed", await actions.invite(room, name), command)
            case commands.Direct(names):
                await self._tell("joined", await actions.open_direct(names), command)
            case commands.SetLevel(room, level):
                await self._tell("changed", await actions.set_level(room, level), command)
            case commands.SetFavourite(room, on):
                changed = await actions.set_favourite(room, wanted=on)
                await self._tell("changed", changed, command)
            case commands.Read(room, seq):
                await actions.read(room, seq)
            case commands.MarkUnread(room, seq):
                await actions.mark_unread(room, seq)

    async def _tell(
        self, change: str, room: RoomSummary | dict[str, Any], command: commands.Command
    ) -> None:
        fields = room.fields() if isinstance(room, RoomSummary) else room
        await self._answer(room_frames.room(change, fields, command.word))


def _opened(summary, opening, people):
    return room_frames.opened(
        room=summary.id,
        seq=opening.seq,
        people=people,
        encoded=opening.lines,
        reset=opening.reset,
        summary=summary.fields(),
        skipped=opening.skipped,
        missed=opening.missed,
    )
