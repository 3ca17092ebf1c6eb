"""What waits for a moderator, as the legacy port lists it: reports, messages, and people."""

from typing import cast

from chat.accounts import applications
from chat.models import Application, HeldMessage, JoinRequest, Report, User
from chat.room import holding, join_requests, reports
from chat.room.moderation_log import Moderator
from chat.room.ranks import Authority
from chat.wire import moderation_lines, room_lines
from chat.wire.moderation_lines import Waiting

LISTED = 20  # of each kind; the next ones follow when these are decided


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


def read_requests(moderator: Moderator, room_id: int | None) -> bytes:
    """Return the list of those who ask to join a room, or all rooms; then also for an account.

    The oldest come first. Accounts are for the moderators of the site.
    """
    user = cast(User, moderator.user)
    asking = join_requests.waiting(user)
    new = applications.waiting()
    if room_id is not None:
        asking = asking.filter(room=room_id)
    if room_id is not None or moderator.authority() < Authority.SITE_MODERATOR:
        new = new.none()
    found, waiting = list(asking[: LISTED + 1]), list(new[: LISTED + 1])
    return moderation_lines.requests(
        map(_request, found[:LISTED]),
        map(_application, waiting[:LISTED]),
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


def _request(request: JoinRequest) -> Waiting:
    room = room_lines.label(request.room.slug, [])
    return Waiting(request.pk, request.at, room, request.user.username)


def _application(application: Application) -> Waiting:
    return Waiting(application.pk, application.at, "", application.user.username, application.text)
