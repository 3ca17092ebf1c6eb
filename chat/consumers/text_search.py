"""The search on the legacy port."""

from collections.abc import Awaitable, Callable

from chat.live.database import Database
from chat.live.member import Member
from chat.models import Room
from chat.room.access import Reader
from chat.search import hits
from chat.search.query import Mistaken
from chat.wire import room_lines, search_lines
from chat.wire.search_lines import FoundLine

SHOWN = 10  # messages


async def search(
    query: str, member: Member, database: Database, answer: Callable[[bytes], Awaitable[None]]
) -> None:
    """Answer with the newest messages that a query finds, the newest last.

    Raises `Unavailable`.
    """
    if not query:
        await answer(room_lines.how_to_use("search"))
        return
    reader = Reader(member.user_id)
    try:
        found = await database.read_for_member(hits.newest, query, reader, None, SHOWN)
    except Mistaken as mistake:
        await answer(search_lines.mistaken(str(mistake)))
        return
    lines = [
        _line(hit, found) for hit in reversed(found.hits) if not member.ignoring.hides(hit.line)
    ]
    await answer(search_lines.found(lines, has_more=found.following is not None))


def _line(hit, found):
    is_direct = hit.room.kind == Room.Kind.DIRECT
    people = found.titles[hit.room.pk].split(", ") if is_direct else []
    return FoundLine(hit.room.slug, people, hit.line)
