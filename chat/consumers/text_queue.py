"""The reports and held messages that wait for a moderator, as the legacy port lists them."""

from typing import cast

from chat.models import HeldMessage, Report, User
from chat.room import holding, reports
from chat.room.moderation_log import Moderator
from chat.wire import moderation_lines, room_lines
from chat.wire.moderation_lines import Waiting

LISTED = 20  # reports, and held messages; the next ones follow when these are decided


def read(moderator: Moderator, room_id: int | None) -> bytes:
    """Return the list for a room, or for all rooms about which the moderator decides.

    The oldest come first.
    """
    user = cast(User, moderator.user)  # at this door everybody who moderates has an account
    reported = reports.open_reports(user).select_related("room")
    held = holding.waiting(moderator)
    if room_id is not None:
        reported, held = reported.filter(room=room_id), held.filter(room=room_id)
    found, waiting = list(reported[: LISTED + 1]), list(held[: LISTED + 1])
    return moderation_lines.waiting(
        map(_report, found[:LISTED]),
        map(_held, waiting[:LISTED]),
        has_more=max(len(found), len(waiting)) > LISTED,
    )


def _report(report: Report) -> Waiting:
    quoted = next((each["text"] for each in report.context if each["seq"] == report.seq), "")
    return Waiting(
        report.pk,
        report.at,
        room_lines.label(report.room.slug, []),
        report.name,
        report.why,
        reporter=report.reporter_name,
        quoted=quoted,
    )


def _held(held: HeldMessage) -> Waiting:
    return Waiting(held.pk, held.at, room_lines.label(held.room.slug, []), held.name, held.text)
