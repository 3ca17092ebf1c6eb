"""How many decisions wait for each moderator: `reports.waiting` counts those of one."""

from collections import Counter
from itertools import product

from django.db import connection
from django.db.models import Count

from chat.models import Application, HeldMessage, JoinRequest, Membership, Report, Room
from chat.room.roles import Role, all_site_moderators

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


def of_moderators() -> dict[int, int]:
    """Return {account: the number of decisions that wait for it}, without those that have none.

    A few statements serve all. They begin with what waits and with those who decide about it, so
    the number of other accounts does not matter.
    """
    if not _anything_waits():
        return {}
    waiting: Counter[int] = Counter()
    own: Counter[tuple[int, int | None]] = Counter()  # what concerns an account waits for others
    for room_id, user_id, count in _in_rooms():
        waiting[room_id] += count
        own[room_id, user_id] += count
    on_site = all_site_moderators()
    found: Counter[int] = Counter(dict.fromkeys(on_site, _applications()))
    for user_id, room_id in _moderated(on_site, list(waiting)):
        found[user_id] += waiting[room_id] - own[room_id, user_id]
    return +found  # the positive counts


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

    `on_site` are the moderators of the site.
    """
    moderators = Membership.objects.filter(role__in=(Role.MODERATOR, Role.OWNER))
    mine = moderators.filter(room__in=room_ids).values_list("user", "room")
    for_site = Room.objects.filter(pk__in=room_ids, kind__in=FOR_SITE).values_list("pk", flat=True)
    return {*mine, *product(on_site, for_site)}


def _applications():
    waiting = Application.objects.filter(state=Application.State.WAITING)
    return waiting.filter(user__is_active=False).count()
