"""Reports that wait for a decision, who sees them, and what else waits for a moderator.

A report waits until somebody who moderates its room handles or dismisses it. Then the reporter
hears that it was looked at. A report that was decided is deleted later, with the texts in it.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.models import (
    Application,
    HeldMessage,
    JoinRequest,
    Membership,
    ModerationEntry,
    Report,
    Room,
    User,
)
from chat.room import moderation_log, personal_notices
from chat.room.moderation_log import Moderator
from chat.room.ranks import Authority, authority_of
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import moderated_by
from chat.room.targets import Target

Action = ModerationEntry.Action
State = Report.State

KEPT = timedelta(days=30)  # after the decision, as messages that have waited are
DELETED_AT_ONCE = 500  # rows


def seen_by(user: User) -> Q:
    """Return the condition on `Report` for those that an account may see and decide about.

    Those are the reports from the rooms that it moderates, except reports about itself. Reports
    from direct rooms, which have no moderators, go to those of the site: somebody who was in the
    room has shown them the messages.
    """
    rooms = moderated_by(user)
    if authority_of(user) >= Authority.SITE_MODERATOR:
        rooms |= Q(kind=Room.Kind.DIRECT)
    is_there = Q(Exists(Room.objects.filter(rooms, pk=OuterRef("room"))))
    return is_there & (Q(user=None) | ~Q(user=user))


def open_reports(user: User) -> QuerySet[Report]:
    """Return the open reports that an account may decide about, oldest first."""
    return Report.objects.filter(seen_by(user), state=State.OPEN).order_by("at", "pk")


def handle(moderator: Moderator, report_id: int, reason: str = "") -> Report:
    """Note that something was done about a report. Raises `Refused`, as `dismiss` does."""
    return _decide(moderator, report_id, State.HANDLED, Action.HANDLE, reason)


def dismiss(moderator: Moderator, report_id: int, reason: str = "") -> Report:
    """Note that nothing has to be done about a report.

    Raises `Refused`: NO_SUCH_ENTRY for one that the moderator may not see, and DECIDED.
    """
    return _decide(moderator, report_id, State.DISMISSED, Action.DISMISS, reason)


@transaction.atomic
def _decide(moderator, report_id, state, action, reason):
    """Decide about a report, and with it about the others of the same message or person."""
    found = seen(moderator, report_id)
    same = Report.objects.filter(
        room=found.room_id, seq=found.seq, key=found.key, state=State.OPEN
    ).order_by("pk")  # everybody locks them in this order
    decided = list(same.select_for_update(no_key=True))
    if found not in decided:
        raise Refused(RefusalCode.DECIDED)
    Report.objects.filter(pk__in=[each.pk for each in decided]).update(
        state=state, decided=timezone.now(), decided_by=moderator.name
    )
    target = Target(found.name, user=found.user, key=found.key)
    detail = f"{len(decided)} reports" if len(decided) > 1 else ""
    moderation_log.record(
        moderator, action, target, found.room, seq=found.seq, reason=reason, detail=detail
    )
    for each in decided:
        personal_notices.announce(each.reporter_id, each.reporter_presence)
    found.refresh_from_db()
    return found


def delete_old() -> bool:
    """Delete some reports about which somebody has decided long ago. The log has the decisions.

    Call it again when it returns True: there may be more.
    """
    oldest = timezone.now() - KEPT
    too_old = Report.objects.filter(decided__lt=oldest).order_by("decided")
    keys = list(too_old.values_list("pk", flat=True)[:DELETED_AT_ONCE])
    Report.objects.filter(pk__in=keys).delete()
    return len(keys) == DELETED_AT_ONCE


def seen(moderator: Moderator, report_id: int) -> Report:
    """Return a report that a moderator may decide about. Raises `Refused`."""
    found = Report.objects.filter(pk=report_id).select_related("room", "user")
    if moderator.user is not None and not moderator.sees_everything:
        found = found.filter(seen_by(moderator.user))
    is_guest = moderator.user is None and not moderator.is_operator
    report = None if is_guest else found.first()
    if report is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    return report


# Everything that waits


def moderates(user: User) -> bool:
    """Return whether an account moderates the site or any room."""
    if authority_of(user) >= Authority.SITE_MODERATOR:
        return True
    roles = (Membership.Role.MODERATOR, Membership.Role.OWNER)
    mine = Membership.objects.filter(user=user.pk, role__in=roles)
    return mine.exclude(room__kind=Room.Kind.DIRECT).exists()


def waiting_count(user: User) -> int:
    """Return how many decisions wait for an account."""
    return sum(waiting(user).values())


def waiting(user: User) -> dict[str, int]:
    """Return how many `reports`, `held` messages and `requests` wait for an account.

    Requests are those of people who ask to join a room, and of new accounts.
    """
    rooms = Room.objects.filter(moderated_by(user))
    held = HeldMessage.objects.filter(decision=HeldMessage.Decision.WAITING, room__in=rooms)
    requests = JoinRequest.objects.filter(room__in=rooms, user__is_active=True).count()
    if authority_of(user) >= Authority.SITE_MODERATOR:
        applications = Application.objects.filter(state=Application.State.WAITING)
        requests += applications.filter(user__is_active=False).count()
    return {
        "reports": open_reports(user).count(),
        "held": held.filter(Q(user=None) | ~Q(user=user)).count(),
        "requests": requests,
    }
