"""The words of the legacy port about rooms and direct messages; see `chat.wire.words`."""

from collections.abc import Awaitable, Callable

from chat.consumers.text_following import LOBBY, MAX_FOLLOWED, TextFollowing
from chat.consumers.text_speaking import TextSpeaking
from chat.live.database import Database
from chat.live.flood_limits import Allowance
from chat.live.member import Member
from chat.models import Membership
from chat.room import listing, naming
from chat.room.refusal import RefusalCode, Refused
from chat.wire import legacy, room_lines
from chat.wire.commands import RoomWord, is_too_long
from chat.wire.words import WORDS

NO_TOPIC = '""'  # the argument that removes the topic


class TextRooms:
    """Handles these words for one member. `answer(data)` sends an answer to the client.

    `here` is the room that `say`, `look` and `history` mean, as `go` has set it. It stays when the
    member loses the room, so that nothing meant for it is said in the lobby.
    """

    __slots__ = (
        "_allowance",
        "_answer",
        "_database",
        "_following",
        "_member",
        "_speaking",
        "here",
    )

    def __init__(
        self,
        member: Member,
        following: TextFollowing,
        speaking: TextSpeaking,
        database: Database,
        allowance: Allowance,
        answer: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self.here = member.room_id
        self._member = member
        self._following = following
        self._speaking = speaking
        self._database = database
        self._allowance = allowance
        self._answer = answer

    async def handle(self, command: RoomWord) -> None:
        """Handle one word, and answer it. Raises `Refused` and `Unavailable`."""
        word = WORDS[command.word]
        if word.members_only and self._member.user_id is None:
            await self._answer(room_lines.MEMBERS_ONLY)
        elif word.needs_argument and not command.argument:
            await self._answer(room_lines.how_to_use(command.word))
        else:
            await HANDLERS[command.word](self, command.argument)

    # Words

    async def rooms(self, argument: str) -> None:
        """List the rooms."""
        visited = list(self._member.rooms.followers)
        found = await self._database.read_for_member(listing.read, self._member.user_id, visited)
        await self._answer(room_lines.rooms(*found))

    async def join(self, argument: str) -> None:
        """Join a room."""
        room_id = await self._room(argument)
        if room_id == self._member.room_id:
            label = LOBBY
        elif self._following.is_followed(room_id):
            label = await self._joined(room_id)
        else:
            if len(self._following.labels) >= MAX_FOLLOWED:
                raise Refused(RefusalCode.TOO_MANY_ROOMS)
            self._allowance.charge_joining()
            summary = await self._member.actions.join(room_id)
            label = room_lines.label(summary.slug, summary.people)
            await self._following.follow(summary)
        await self._answer(room_lines.joined(label))

    async def leave(self, argument: str) -> None:
        """Leave a room, or the one in which one is."""
        room_id = await self._room(argument) if argument else self.here
        if room_id == self._member.room_id:
            await self._answer(room_lines.LOBBY_STAYS)
            return
        try:
            label = await self._joined(room_id)
        except Refused:
            if argument:
                raise
            await self.go("")  # the room was lost after `go`, and is left as a place to speak
            return
        await self._member.actions.part(room_id)
        self._following.forget(room_id)
        if room_id == self.here:
            self.here = self._member.room_id
        await self._answer(room_lines.left(label))

    async def to(self, argument: str) -> None:
        """Speak to a room."""
        named = await self._database.read_for_member(naming.room, argument, self._member.user_id)
        if named.rest:
            await self._speaking.say(named.room_id, named.rest)
        else:
            await self._answer(room_lines.how_to_use("to"))

    async def go(self, argument: str) -> None:
        """Let the plain words mean another room from now on, or the lobby again."""
        room_id = await self._room(argument) if argument else self._member.room_id
        label = LOBBY if room_id == self._member.room_id else await self._joined(room_id)
        self.here = room_id
        await self._answer(room_lines.speaking_to(label))

    async def topic(self, argument: str) -> None:
        """Show or set what the room is about."""
        if argument:
            topic = "" if argument == NO_TOPIC else argument
            summary = await self._member.actions.set_topic(self.here, topic)
            self._following.follow_if_joined(summary.id)  # nothing else tells this client
        else:
            summary = await self._member.actions.summary(self.here)
        label = room_lines.label(summary.slug, summary.people)
        await self._answer(room_lines.topic(label, summary.topic))

    async def invite(self, argument: str) -> None:
        """Make somebody a member of the room."""
        named = await self._people(argument)
        if named.rest or len(named.names) > 1:
            raise Refused(RefusalCode.NO_SUCH_PERSON)
        (name,) = named.names
        summary = await self._member.actions.invite(self.here, name)
        self._following.follow_if_joined(summary.id)  # nothing else tells this client
        await self._answer(room_lines.invited(name, room_lines.label(summary.slug, [])))

    async def msg(self, argument: str) -> None:
        """Write to one or several people alone."""
        named = await self._people(argument)
        if not named.rest:
            await self._answer(room_lines.how_to_use("msg"))
        elif is_too_long(named.rest):
            await self._answer(legacy.MESSAGE_TOO_LONG)
        else:
            summary = await self._member.actions.open_direct(named.names)
            await self._speaking.say_following(summary, named.rest)

    async def level(self, argument: str) -> None:
        """Set of which messages of a room one wants to be told."""
        level, _, name = argument.partition(" ")
        if level not in Membership.Level:
            await self._answer(room_lines.how_to_use("level"))
            return
        room_id = await self._room(name.strip()) if name.strip() else self.here
        await self._joined(room_id)
        summary = await self._member.actions.set_level(room_id, level)
        self._following.heed_level(summary)
        label = room_lines.label(summary.slug, summary.people)
        await self._answer(room_lines.level(label, level))

    # Names

    async def _room(self, argument: str) -> int:
        """Return the id of the room that the whole argument names."""
        named = await self._database.read_for_member(naming.room, argument, self._member.user_id)
        if named.rest:
            raise Refused(RefusalCode.NO_SUCH_ROOM)
        return named.room_id

    async def _people(self, argument):
        return await self._database.read_for_member(naming.people, argument)

    async def _joined(self, room_id: int) -> str:
        """Return the label of a room that the person has joined. Raises `Refused` for others."""
        summary = await self._member.actions.summary(room_id)
        if summary.role is None and not self._following.is_followed(room_id):
            raise Refused(RefusalCode.NOT_JOINED)
        return room_lines.label(summary.slug, summary.people)


HANDLERS: dict[str, Callable[[TextRooms, str], Awaitable[None]]] = {
    "rooms": TextRooms.rooms,
    "join": TextRooms.join,
    "leave": TextRooms.leave,
    "to": TextRooms.to,
    "go": TextRooms.go,
    "topic": TextRooms.topic,
    "invite": TextRooms.invite,
    "msg": TextRooms.msg,
    "level": TextRooms.level,
}
