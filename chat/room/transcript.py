"""The rules of what is said."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from chat.markup.parsing import Markup, parse
from chat.models import Line, Membership, Message, Room, Upload
from chat.room import formatting, log, mentions, newcomers, sanctions, uploads
from chat.room.committing import committed
from chat.room.formatting import Written
from chat.room.mentions import Mentioning, Writing
from chat.room.newcomers import Held, Newcomers
from chat.room.refusal import RefusalCode, Refused
from chat.room.room_limits import RoomLimits
from chat.room.speakers import Speaker, find_speakers

Kind = Message.Kind


class Saying(NamedTuple):
    """A clean text that the person behind a connection says in a room.

    Guests have no `client_id`. `waits` says that an earlier transaction has postponed the saying,
    so that this one waits for the room. `markup` is that of the text, if it has been parsed.
    `reply` is the number of the message that it replies to, if it does. `files` are the ids of
    uploads.
    """

    room_id: int
    connection_id: int
    text: str
    client_id: UUID | None = None
    waits: bool = False
    markup: Markup | None = None
    reply: int | None = None
    files: tuple[str, ...] = ()

    def parsed(self) -> "Saying":
        """Return the saying with its markup."""
        return self if self.markup is not None else self._replace(markup=parse(self.text))


class Said(NamedTuple):
    """A saved saying: its number, and its new line unless it had been said before (`again`).

    `joined` is the line before it, if the speaker became a member of the room by speaking.
    """

    seq: int
    again: bool = False
    line: Line | None = None
    joined: Line | None = None


class Postponed(NamedTuple):
    """A saying that has to be given to a later transaction, because its room was locked."""

    item: Saying


def say(sayings: Sequence[Saying]) -> list[Said | Held | Refused | Postponed]:
    """Save sayings in one transaction, and return a result for each, in their order.

    A saying is refused when its connection is no longer there, because somebody has ended it or its
    process was declared dead. A saying that repeats a `client_id` keeps its first number. A saying
    whose room another transaction has locked is postponed, so that the other rooms need not wait.
    An account that speaks in an open room becomes a member of it. A sanction, the lock of the room
    and slow mode refuse sayings. A reply needs a message in the same room, which may have been
    removed. What a newcomer says waits for a moderator. Raises `OutcomeUnknown` if the database is
    lost while it commits.
    """
    return _save([saying.parsed() for saying in sayings])  # parsed before any room is locked


@committed()
def _save(sayings):
    rooms = _lock_rooms(sayings)
    quoted, offered = _quoted(sayings), _offered(sayings, rooms)
    asked = [(each.room_id, each.connection_id, each.client_id) for each in sayings]
    speakers = find_speakers(asked)
    new = newcomers.find(sayings, speakers, rooms)
    batch = Batch(rooms, quoted, offered, sayings, speakers, new)
    written = formatting.resolve(
        [
            Writing(saying.room_id, speaker.user_id, saying.markup)
            for saying, speaker in zip(sayings, speakers, strict=True)
        ]
    )
    results = [batch.add(*each) for each in zip(sayings, speakers, written, strict=True)]
    batch.save()
    return results


class Batch:
    """The sayings of one transaction, and the lines that they become in the locked `rooms`.

    `quoted` are the messages that they reply to, by room and number, and `offered` the locked
    uploads that they name, by their ids. `speakers` are the people who say them, in their order;
    what the `new` ones say waits for a moderator.
    """

    def __init__(
        self,
        rooms: Mapping[int, Room],
        quoted: Mapping[tuple[int, int], Line],
        offered: Mapping[str, Upload],
        sayings: Sequence[Saying],
        speakers: Sequence[Speaker],
        new: Newcomers = newcomers.NOBODY,
    ) -> None:
        self._rooms = rooms
        self._quoted = quoted
        self._offered = offered
        self._new = new
        self._now = timezone.now()
        self._lines: dict[int, list[Line]] = {room_id: [] for room_id in rooms}
        # Numbers in this batch, in which a client id may be repeated.
        self._numbers: dict[tuple[int, int | None, UUID | None], int] = {}
        self._joining: dict[tuple[int, int], Membership] = {}
        self._mentioning: list[Mentioning] = []
        self._said_files: list[Upload] = []
        self._restraints = sanctions.refusals([each.restraint for each in speakers])
        speaking = [(each.room_id, by) for each, by in zip(sayings, speakers, strict=True)]
        self._limits = RoomLimits(rooms, speaking, self._now)

    def add(
        self, saying: Saying, speaker: Speaker, written: Written
    ) -> Said | Held | Refused | Postponed:
        """Decide about a saying, and return its result."""
        room = self._rooms.get(saying.room_id)
        if room is None and not saying.waits:
            return Postponed(saying._replace(waits=True))
        if room is None or not speaker.name:
            return Refused(RefusalCode.NOT_IN_ROOM)
        identity = (saying.room_id, speaker.user_id, saying.client_id)
        seq = speaker.seq or self._numbers.get(identity)
        if seq is not None:
            return Said(seq, again=True)
        if (repeated := self._new.repeated(identity)) is not None:
            return repeated
        if (refusal := self._refusal(room, speaker)) is not None:
            return refusal
        if saying.reply is not None and (room.pk, saying.reply) not in self._quoted:
            return Refused(RefusalCode.NO_SUCH_MESSAGE)
        if saying.files and not self._may_say_files(saying, speaker):
            return Refused(RefusalCode.NO_SUCH_FILE)
        held = self._new.hold(saying, speaker, self._now)
        if isinstance(held, Refused):
            return held
        joined = None if speaker.may_speak else self._join(room, speaker)
        if held is not None:
            return held._replace(joined=joined)
        line = self.say(room, saying, speaker, written)
        self._limits.note(room, speaker)
        if saying.client_id is not None:
            self._numbers[identity] = line.seq
        return Said(line.seq, line=line, joined=joined)

    def _refusal(self, room, speaker):
        """Return why somebody may not speak in a room now, or None."""
        if room.archived:
            return Refused(RefusalCode.ARCHIVED)
        # A sanction that was deleted a moment ago is not among them.
        if speaker.restraint in self._restraints:
            return self._restraints[speaker.restraint]
        if not speaker.may_speak:
            if room.kind != Room.Kind.OPEN or speaker.user_id is None:
                return Refused(RefusalCode.NOT_ALLOWED)
            if room.by_request and not self._limits.moderates(room, speaker):
                return Refused(RefusalCode.ASK_FIRST)
        return self._limits.refusal(room, speaker)

    def _may_say_files(self, saying, speaker):
        offered = [self._offered.get(file) for file in saying.files]
        return all(uploads.may_be_said(each, saying.room_id, speaker.user_id) for each in offered)

    def _join(self, room, speaker):
        """Make a speaker a member, and return the line that says so, unless it is there already."""
        pair = (speaker.user_id, room.pk)
        if pair in self._joining:
            return None
        self._joining[pair] = Membership(
            room=room, user_id=speaker.user_id, read_seq=self._next(room) - 1, since=self._now
        )
        return self._append(room, Kind.JOINED, speaker)

    def say(self, room: Room, saying: Saying, speaker: Speaker, written: Written) -> Line:
        """Add the line of a saying, about which nothing is to decide, and return it."""
        answered = None if saying.reply is None else self._quoted[room.pk, saying.reply]
        line = self._append(
            room,
            Kind.SAID,
            speaker,
            text=saying.text,
            client_id=saying.client_id,
            spans=written.spans,
            of=saying.reply,
            quote=answered and answered.as_quoted(),
            files=self._files(room, saying),
        )
        replied_to = answered and answered.author_id
        if written.accounts or replied_to is not None:
            self._mentioning.append(
                Mentioning(room.pk, line.seq, speaker.user_id, written.accounts, replied_to)
            )
        return line

    def _files(self, room, saying):
        """Return what the line of a saying says of its files; None without files."""
        if not saying.files:
            return None
        said = [self._offered[file] for file in saying.files]
        self._said_files += said
        return uploads.say(said, self._next(room))

    def _append(self, room, kind, speaker, **content):
        line = Line(
            seq=self._next(room),
            kind=kind.value,
            name=speaker.name,
            at=self._now,
            author_id=speaker.user_id,
            guest=speaker.user_id is None,
            **content,
        )
        self._lines[room.pk].append(line)
        return line

    def _next(self, room):
        return room.last_seq + len(self._lines[room.pk]) + 1

    def save(self) -> None:
        """Insert the lines, and the members, mentions and files that they bring."""
        log.append_numbered((room, self._lines[pk]) for pk, room in self._rooms.items())
        if self._joining:
            Membership.objects.bulk_create(self._joining.values())
        if self._mentioning:
            mentions.save(self._mentioning, self._joining.keys())
        if self._said_files:
            uploads.save(self._said_files)
        self._new.save()


def say_for(room: Room, saying: Saying, speaker: Speaker) -> int:
    """Save a saying that a moderator has released in a locked room, and return its number.

    The speaker need not be there, and no limit of the room holds. What the saying names is there.
    Raises `Refused` if the room is archived.
    """
    if speaker.seq is not None:
        return speaker.seq
    if room.archived:
        raise Refused(RefusalCode.ARCHIVED)
    rooms = {room.pk: room}
    batch = Batch(rooms, _quoted([saying]), _offered([saying], rooms), [saying], [speaker])
    writing = Writing(room.pk, speaker.user_id, parse(saying.text))
    (written,) = formatting.resolve([writing])
    line = batch.say(room, saying, speaker, written)
    batch.save()
    return line.seq


def _lock_rooms(sayings):
    """Lock the rooms of some sayings, and return {id: room}.

    Rooms that a saying waits for are locked first. The others are left out while another
    transaction has them, unless none would be left.
    """
    asked = {saying.room_id for saying in sayings}
    awaited = {saying.room_id for saying in sayings if saying.waits}
    rooms = log.lock_many(awaited) if awaited else {}
    if len(asked) > 1 and asked > awaited:
        rooms |= log.lock_many(asked - awaited, skip_locked=True)
    return rooms or log.lock_many(asked)


def _quoted(sayings):
    """Return {(room id, number): line} of the messages that sayings reply to.

    The rooms are locked, so that these messages stay as they are.
    """
    replies = {(each.room_id, each.reply) for each in sayings if each.reply is not None}
    if not replies:
        return {}
    said = Message.objects.at(replies).filter(kind=Kind.SAID)
    return {(room_id, line.seq): line for room_id, line in said.lines_of_rooms()}


def _offered(sayings, rooms):
    """Lock the uploads that sayings in the locked rooms name, and return them by their ids."""
    named = {file for saying in sayings if saying.room_id in rooms for file in saying.files}
    return uploads.lock(named) if named else {}
