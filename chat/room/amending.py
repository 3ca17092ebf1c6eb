"""Changes of messages that were said: edits, removals, restorations and reactions.

Each is a line that points at the message. The same transaction changes the row of the message, so
that later readers need only this row.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from chat.models import Line, Message, MessageVersion, Room
from chat.room import (
    doers,
    editing,
    formatting,
    log,
    mentions,
    moderated_messages,
    new_mentions,
    reactions,
    sanctions,
    uploads,
)
from chat.room.amendment import Amended, Amendment, Situation
from chat.room.doers import Doer
from chat.room.formatting import Written
from chat.room.mentions import Writing
from chat.room.moderated_messages import MessageModerators, ModeratedChange
from chat.room.refusal import RefusalCode, Refused

Kind = Message.Kind
Place = tuple[int, int]  # a room and a number

RULES = {Kind.EDITED: editing.edit, Kind.REMOVED: editing.remove, Kind.RESTORED: editing.restore}
SPEAKING = frozenset({Kind.EDITED, Kind.RESTORED, Kind.REACTED})  # not in a locked room
# The fields of a message that each kind of line changes.
CHANGED = {
    Kind.EDITED: frozenset({"text", "spans", "edited"}),
    Kind.REMOVED: frozenset({"removed"}),
    Kind.RESTORED: frozenset({"removed"}),
    Kind.REACTED: frozenset({"reactions"}),
}


def amend(amendments: Sequence[Amendment]) -> list[Amended | Refused]:
    """Save amendments in one transaction, and return a result for each, in their order.

    Speakers in a room may change their messages there, and react to those of others. Staff
    need not be members of an open room to remove messages there.
    """
    return _save([each.parsed() for each in amendments])  # parsed before any room is locked


@transaction.atomic
def _save(amendments):
    rooms = log.lock_many({each.room_id for each in amendments})
    messages, versions = _messages(amendments), _count_versions(amendments)
    found = doers.find(amendments)
    restraints = sanctions.refusals([each.restraint for each in found.values()])
    batch = Batch(rooms, messages, versions, restraints)
    written = _written(amendments, found)
    results = [
        batch.add(each, found.get((each.room_id, each.connection_id)), text)
        for each, text in zip(amendments, written, strict=True)
    ]
    batch.save()
    return results


def _written(amendments, people):
    """Return for each amendment the new text as it is saved, None if it is no edit."""
    edits = [each for each in amendments if each.markup is not None]
    if not edits:
        return [None] * len(amendments)
    authors = [people.get((each.room_id, each.connection_id)) for each in edits]
    texts = iter(
        formatting.resolve(
            [
                Writing(each.room_id, author and author.user_id, each.markup)
                for each, author in zip(edits, authors, strict=True)
            ]
        )
    )
    return [None if each.markup is None else next(texts) for each in amendments]


class Batch:
    """The amendments of one transaction, the `messages` that they change, and their lines.

    `versions` are the numbers of earlier versions, and `restraints` the refusals for those whom a
    sanction concerns.
    """

    def __init__(
        self,
        rooms: Mapping[int, Room],
        messages: Mapping[Place, Message],
        versions: dict[Place, int],
        restraints: Mapping[int, Refused],
    ) -> None:
        self._rooms = rooms
        self._messages = messages
        self._now = timezone.now()
        self._versions = versions
        self._lines: dict[int, list[Line]] = defaultdict(list)
        self._earlier: list[MessageVersion] = []
        self._written: dict[Place, Written] = {}  # the new texts
        self._changed: dict[Place, frozenset[str]] = {}  # the fields of each message
        self._restraints = restraints
        self._moderators = MessageModerators()
        self._moderated: list[ModeratedChange] = []

    def add(
        self, amendment: Amendment, doer: Doer | None, written: Written | None
    ) -> Amended | Refused:
        """Decide about an amendment, and return its result."""
        room = self._rooms.get(amendment.room_id)
        if room is None or doer is None:
            return Refused(RefusalCode.NOT_IN_ROOM)
        if room.archived:
            return Refused(RefusalCode.ARCHIVED)
        # A sanction that was deleted a moment ago is not among them.
        if doer.restraint is not None and doer.restraint in self._restraints:
            return self._restraints[doer.restraint]
        is_locked = room.locked and amendment.kind in SPEAKING
        if is_locked and not self._moderators.moderates(room, doer):
            return Refused(RefusalCode.LOCKED)
        try:
            return self._add(room, amendment, doer, written)
        except Refused as refused:
            return refused

    def _add(self, room, amendment, doer, written):
        message = self._messages.get((room.pk, amendment.seq))
        if message is None:
            raise Refused(RefusalCode.NO_SUCH_MESSAGE)
        situation = self._situation(message, amendment, doer)._replace(written=written)
        if not doer.may_speak and not situation.moderates:
            raise Refused(RefusalCode.NOT_ALLOWED)
        earlier = message.text, message.spans, message.edited or message.at
        if amendment.kind == Kind.REACTED:
            text = self._react(message, doer, amendment.text)
        else:
            text = "" if RULES[amendment.kind](message, doer, amendment, situation) else None
        if text is None:
            return Amended(None)
        if written is not None:
            self._keep(message, *earlier)
            self._written[room.pk, message.seq] = written
        if amendment.kind in moderated_messages.ACTIONS and not doer.has_written(message):
            self._moderated.append(ModeratedChange(amendment, message, room))
        place = room.pk, message.seq
        self._changed[place] = self._changed.get(place, frozenset()) | CHANGED[amendment.kind]
        return Amended(self._append(room, amendment, doer, text).seq)

    def _react(self, message, doer, text):
        """Return the text of the line of a reaction, or None if it changes nothing."""
        if message.removed:
            raise Refused(RefusalCode.NO_SUCH_MESSAGE)
        changed = reactions.react(message.reactions, doer.name, text)
        if changed is None:
            return None
        found, line_text = changed
        if line_text.startswith(reactions.TAKEN_BACK) and doer.user_id is None:
            self._check_own_reaction(message, doer, line_text.removeprefix(reactions.TAKEN_BACK))
        message.reactions = found or None
        return line_text

    def _check_own_reaction(self, message, doer, emoji):
        """Raise `Refused` unless a guest has reacted with an emoji in this stay."""
        earlier = Message.objects.filter(
            room=message.room_id,
            kind=Kind.REACTED,
            seq__gt=doer.since or message.seq,
            of=message.seq,
        )
        lines = [*earlier.filter(name=doer.name, text=emoji).lines(), *self._lines[message.room_id]]
        mine = (line for line in lines if (line.of, line.text) == (message.seq, emoji))
        if not any(map(doer.has_written, mine)):
            raise Refused(RefusalCode.NOT_ALLOWED)

    def _keep(self, message, text, spans, at):
        """Keep the version before an edit."""
        place = message.room_id, message.seq
        self._versions[place] = number = self._versions.get(place, 0) + 1
        self._earlier.append(
            MessageVersion(
                room_id=message.room_id,
                seq=message.seq,
                number=number,
                text=text,
                spans=spans,
                at=at,
            )
        )

    def _append(self, room, amendment, doer, text):
        lines = self._lines[room.pk]
        line = Line(
            seq=room.last_seq + len(lines) + 1,
            kind=amendment.kind.value,
            name=doer.name,
            at=self._now,
            text=text,
            author_id=doer.user_id,
            guest=doer.user_id is None,
            of=amendment.seq,
        )
        lines.append(line)
        return line

    # What the rules need to know

    def _situation(self, message, amendment, doer):
        kind, removal, moderates = amendment.kind, None, False
        if kind == Kind.RESTORED and message.removed:
            removal = self._removal_of(message)
        elif kind == Kind.REMOVED and doer.user_id is not None and not doer.has_written(message):
            moderates = self._moderators.may_remove(self._rooms[message.room_id], doer, message)
        versions = self._versions.get((message.room_id, message.seq), 0)
        return Situation(self._now, moderates=moderates, removal=removal, versions=versions)

    def _removal_of(self, message):
        """Return the line that removed a message last, from this batch or from the log."""
        for line in reversed(self._lines[message.room_id]):
            if line.kind == Kind.REMOVED and line.of == message.seq:
                return line
        removals = Message.objects.filter(room=message.room_id, kind=Kind.REMOVED, of=message.seq)
        return next(iter(removals.order_by("-seq")[:1].lines()), None)

    # Saving

    def save(self) -> None:
        """Save the changed messages and their earlier versions, and append the lines."""
        self._save_removals()
        for place, fields in self._changed.items():
            if fields == CHANGED[Kind.REMOVED]:
                continue
            message = self._messages[place]
            values = {name: getattr(message, name) for name in fields}
            Message.objects.filter(pk=message.pk).update(**values)
        if self._earlier:
            MessageVersion.objects.bulk_create(self._earlier)
        log.append_numbered((room, self._lines[pk]) for pk, room in self._rooms.items())
        said = [
            self._messages[place]
            for place, fields in self._changed.items()
            if fields != CHANGED[Kind.REACTED]
        ]
        if said:
            mentions.replace(new_mentions.of_changed(said, self._written))
            uploads.follow(said)
        moderated_messages.record(self._moderated)

    def _save_removals(self):
        """Save the messages of which nothing else has changed, with at most two statements."""
        ids = defaultdict(list)
        for place, fields in self._changed.items():
            if fields == CHANGED[Kind.REMOVED]:
                ids[self._messages[place].removed].append(self._messages[place].pk)
        for removed, some in ids.items():
            Message.objects.filter(pk__in=some).update(removed=removed)


# Reading


def _messages(amendments: Sequence[Amendment]) -> dict[Place, Message]:
    places = {(each.room_id, each.seq) for each in amendments}
    said = Message.objects.at(places).filter(kind=Kind.SAID)
    return {(each.room_id, each.seq): each for each in said}


def _count_versions(amendments: Sequence[Amendment]) -> dict[Place, int]:
    """Return how many earlier versions the messages have that are to be edited."""
    found: dict[Place, int] = {}
    seqs: dict[int, set[int]] = defaultdict(set)
    for each in amendments:
        if each.kind == Kind.EDITED:
            seqs[each.room_id].add(each.seq)
    for room_id, some in seqs.items():
        versions = MessageVersion.objects.filter(room=room_id, seq__in=some).values_list("seq")
        found |= {(room_id, seq): count for seq, count in versions.annotate(Count("pk"))}
    return found
