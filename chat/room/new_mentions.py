"""The mentions of messages that have changed: that were edited, removed or restored."""

from collections.abc import Mapping, Sequence

from chat.markup.parsing import parse
from chat.models import Message
from chat.room import formatting
from chat.room.formatting import Written
from chat.room.mentions import Mentioning, Writing

Kind = Message.Kind
Place = tuple[int, int]  # a room and a number

NOTHING_WRITTEN: Mapping[Place, Written] = {}


def of_changed(
    messages: Sequence[Message], written: Mapping[Place, Written] = NOTHING_WRITTEN
) -> list[Mentioning]:
    """Return what messages mention, by their new texts. One that was removed mentions nobody."""
    known = {(each.room_id, each.seq): each for each in messages}
    restored = [place for place, each in known.items() if not each.removed and place not in written]
    texts = formatting.resolve(
        [
            Writing(known[place].room_id, known[place].author_id, parse(known[place].text))
            for place in restored
        ]
    )
    written = {**written, **dict(zip(restored, texts, strict=True))}
    replies = {(each.room_id, each.of) for each in messages if each.of is not None}
    answered = Message.objects.at(replies).filter(kind=Kind.SAID)
    authors: dict[tuple[int, int | None], int | None] = {
        (each.room_id, each.seq): each.author_id for each in answered
    }
    return [
        Mentioning(
            room_id=each.room_id,
            seq=each.seq,
            author_id=each.author_id,
            accounts=() if each.removed else written[each.room_id, each.seq].accounts,
            replied_to=None if each.removed else authors.get((each.room_id, each.of)),
        )
        for each in messages
    ]
