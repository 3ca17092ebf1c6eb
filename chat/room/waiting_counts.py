"""How many decisions wait for each of many moderators: `reports.waiting` counts those of one."""

from collections import Counter
from collections.abc import Collection
from itertools import product

from django.db import connection
from django.db.models import Count

from chat.models import Application, HeldMessage, JoinRequest, Membership, Report, Room
from chat.room.roles import Role, site_moderators

# Raw, since the preparation of four querysets would keep the processor from those who speak.
ANYTHING = f"""
    SELECT EXISTS (SELECT 1 FROM {Report._meta.db_table} WHERE state = '{Report.State.OPEN.value}')
        OR EXISTS (
            SELECT 1 FROM {HeldMessage._meta.db_table}
            WHERE decision = '{HeldMessage.Decision.WAITING.value}'
        )
        OR EXISTS (
            SELECT 1 FROM {Application._meta.db_table}
            WHERE state = '{Application.State.WAITING.value}'
        )
        OR EXISTS (SELECT 1 FROM {JoinRequest._meta.db_table})
"""
FOR_SITE = (Room.Kind.OPEN, Room.Kind.DIRECT)  # only reports come from direct rooms


def of_accounts(user_ids: Collection[int]) -> dict[int, int]:
    """Return {account: the number of decisions that wait for it}.

    A few statements serve all, and the accounts are not looked at while nothing waits.
    """
    if not _anything_waits():
        return dict.fromkeys(user_ids, 0)
    waiting: Counter[int] = Counter()
    own: Counter[tuple[int, int | None]] = Counter()  # what concerns an account waits for others
    for room_id, user_id, count in _in_rooms():
        waiting[room_id] += count
        own[room_id, user_id] += count
    applications = _applications()
    found = dict.fromkeys(user_ids, 0)
    on_site = site_moderators(user_ids)
    found |= dict.fromkeys(on_site, applications)
    for user_id, room_id in _moderated(on_site, list(waiting)):
        if user_id in found:
            found[user_id] += waiting[room_id] - own[room_id, user_id]
    return found


def _anything_waits():
    """Return whether anything waits for anybody. Processes ask this again and again."""
    with connection.cursor() as cursor:
        cursor.execute(ANYTHING)
        return bool(cursor.fetchone()[0])


def _in_rooms():
    """Yield (room, account that it concerns, count) of what waits in rooms."""
    reports = Report.objects.filter(state=Report.State.OPEN)
    held = HeldMessage.objects.filter(decision=HeldMessage.Decision.WAITING)
    for concerning in (reports, held):
        yield from concerning.values_list("room", "user").annotate(Count("pk"))
    requests = JoinRequest.objects.filter(user__is_active=True)
    for room_id, count in requests.values_list("room").annotate(Count("pk")):
        yield room_id, None, count


def _moderated(on_site, room_ids):
    """Return the pairs of an account and a room about which it decides, see `reports.seen_by`.

    `on_site` are the moderators of the site. Those of a room are few, whether they are here or not.
    """
    moderators = Membership.objects.filter(role__in=(Role.MODERATOR, Role.OWNER))
    mine = moderators.filter(room__in=room_ids).values_list("user", "room")
    for_site = Room.objects.filter(pk__in=room_ids, kind__in=FOR_SITE).values_list("pk", flat=True)
    return {*mine, *product(on_site, for_site)}


def _applications():
    waiting = Application.objects.filter(state=Application.State.WAITING)
    return waiting.filter(user__is_active=False).count()
