"""Ranks: each action by everybody on everybody, against one table; and what doors offer."""

from datetime import timedelta
from itertools import cycle

import pytest
from django.db import transaction

from chat.models import Membership, Room, User
from chat.room import creation, moderation, moderation_rules, purging, room_rules, targets
from chat.room.moderation_log import Action, Door, Moderator
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused
from tests.support.moderating import OPERATOR, on_page, site_moderator
from tests.support.rooms import refusal

# The ranks that may act on others. A row is somebody who acts, a column the person concerned.
PEOPLE = ["guest", "member", "moderator", "owner", "staff", "site", "admin"]
NOBODY = "- - - - - - -"
IN_OPEN_ROOM = {
    "guest": NOBODY,
    "member": NOBODY,
    "moderator": "x x - - - - -",
    "owner": "x x x - - - -",
    "staff": "x x x x - - -",
    "site": "x x x x - - -",
    "admin": "x x x x x x -",
    "operator": "x x x x x x x",
}
# In private rooms the rank on the site does not count. Staff, the site moderator and the
# administrator are plain members there.
IN_PRIVATE_ROOM = {
    "guest": NOBODY,
    "member": NOBODY,
    "moderator": "x x - - x x x",
    "owner": "x x x - x x x",
    "staff": NOBODY,
    "site": NOBODY,
    "admin": NOBODY,
    "operator": "x x x x x x x",
}
# On the site the role in a room does not count.
ON_SITE = {
    "guest": NOBODY,
    "member": NOBODY,
    "moderator": NOBODY,
    "owner": NOBODY,
    "staff": "x x x x - - -",
    "site": "x x x x - - -",
    "admin": "x x x x x x -",
    "operator": "x x x x x x x",
}
TABLES = {"open": IN_OPEN_ROOM, "private": IN_PRIVATE_ROOM, "site": ON_SITE, "lobby": ON_SITE}
ACTIONS = {
    Action.MUTE: moderation.mute,
    Action.UNMUTE: moderation.unmute,
    Action.KICK: moderation.kick,
    Action.BAN: moderation.ban,
    Action.UNBAN: moderation.unban,
    Action.PURGE: lambda by, target, room_id: purging.purge(by, target, room_id, 10),
}
ROLES = ("member", "moderator", "owner")


@pytest.fixture
def people(lobby):
    """Return {who: account} of the people of the tables, and the founder of their rooms."""
    accounts = {role: User.objects.create_user(f"{role}-account") for role in ROLES}
    accounts["staff"] = User.objects.create_user("staff-account", is_staff=True)
    accounts["site"] = site_moderator("site-account")
    accounts["admin"] = User.objects.create_superuser("admin-account")
    founder = User.objects.create_user("founder")
    for private in (False, True):
        room = creation.create(founder, "Matrix", private=private)
        for who, account in accounts.items():
            role = who if who in ROLES else "member"
            Membership.objects.create(room=room, user=account, role=role, since="2026-01-01T00:00Z")
    return accounts


@pytest.fixture
def places(lobby, people):
    """Return {place: id of the room}; the site has none."""
    rooms = dict(Room.objects.filter(name="Matrix").values_list("kind", "pk"))
    return {**rooms, "site": None, "lobby": lobby.pk}


def actor(people, who):
    return OPERATOR if who == "operator" else on_page(people.get(who))


def other(people, who):
    """Return the target of a column: a guest, or an account besides the one that may act."""
    return targets.find("some guest") if who == "guest" else targets.of_account(people[who])


def is_allowed(function, *arguments):
    """Return whether an action is not refused by rank; nothing of it stays."""
    try:
        with transaction.atomic():
            function(*arguments)
            transaction.set_rollback(True)
    except Refused as refused:
        return refused.code is RefusalCode.NO_SUCH_ENTRY
    return True


def twin(people, who):
    """Return another account of the same rank in the same rooms, so that nobody acts on itself."""
    account = people[who]
    made = User.objects.create_user(
        f"{who}-twin", is_staff=account.is_staff, is_superuser=account.is_superuser
    )
    made.groups.set(account.groups.all())
    for mine in Membership.objects.filter(user=account):
        mine.pk, mine.user = None, made
        mine.save()
    return made


@pytest.mark.parametrize("place", TABLES)
def test_each_action_is_allowed_by_the_table_of_ranks(people, places, place):
    twins = {who: twin(people, who) for who in people}
    actions = cycle(ACTIONS.items())
    for by, on, expected in cells(place):
        target = other(twins, on)
        if by != "operator":
            for action in ACTIONS:
                offered = moderation.may_moderate(people.get(by), target, places[place], action)
                assert offered == expected, (by, on, action)
        # All actions ask the same function, so that one for each pair of people suffices.
        action, function = next(actions)
        allowed = is_allowed(function, actor(people, by), target, places[place])
        assert allowed == expected, (by, on, action)


def cells(place):
    """Return (who acts, on whom, whether that is allowed) of a table."""
    # In the lobby those who have a role in the other rooms are plain members.
    rows = {by: row for by, row in TABLES[place].items() if place != "lobby" or by not in ROLES[1:]}
    return [
        (by, on, mark == "x")
        for by, row in rows.items()
        for on, mark in zip(PEOPLE, row.split(), strict=True)
    ]


@pytest.mark.parametrize("place", TABLES)
def test_nobody_acts_on_themselves(people, places, place):
    for who, account in people.items():
        for action in ACTIONS:
            asked = account, targets.of_account(account), places[place], action
            assert not moderation.may_moderate(*asked), (who, action)


@pytest.mark.parametrize(
    ("function", "least"),
    [
        (lambda by, room_id: room_rules.set_slow(by, room_id, 30), "moderator"),
        (lambda by, room_id: room_rules.set_locked(by, room_id, True), "moderator"),
        (lambda by, room_id: room_rules.set_by_request(by, room_id, True), "owner"),
    ],
)
def test_the_rules_of_a_room_need_a_rank_there(people, places, function, least):
    ranks = ["guest", "member", "moderator", "owner", "staff", "site", "admin"]
    allowed = [who for who in ranks if is_allowed(function, actor(people, who), places["open"])]
    assert allowed == ranks[ranks.index(least) :]
    inside = [who for who in ranks if is_allowed(function, actor(people, who), places["private"])]
    assert inside == ranks[ranks.index(least) : ranks.index("staff")]


def test_a_network_needs_a_site_moderator_who_may_see_addresses(people, places):
    network = targets.find("address:203.0.113.7")
    for place in ("open", "site"):
        allowed = [
            who
            for who in ("member", "moderator", "owner", "staff", "site", "admin", "operator")
            if is_allowed(moderation.mute, actor(people, who), network, places[place])
        ]
        assert allowed == ["site", "admin", "operator"]


def test_an_administrator_acts_in_private_rooms_from_the_admin_site_alone(people, places):
    target = targets.of_account(people["owner"])
    for door, allowed in ((Door.PAGE, False), (Door.TEXT, False), (Door.ADMIN, True)):
        by = Moderator(people["admin"], door)
        assert is_allowed(moderation.mute, by, target, places["private"]) == allowed


def test_a_private_room_looks_like_none_to_moderators_who_are_not_in_it(people, places, bob):
    stranger = User.objects.create_user("stranger", is_staff=True)
    asked = on_page(stranger), targets.of_account(bob), places["private"]
    assert refusal(moderation.mute, *asked) is RefusalCode.NO_SUCH_ROOM


def test_doors_offer_what_is_allowed(people, places):
    offered = moderation.offered
    everything = {action.value for action in moderation_rules.LEAST}
    in_lobby = everything - {"rules", "admit", "decline"}
    assert offered(people["owner"], places["open"]) == everything
    assert offered(people["moderator"], places["open"]) == everything - {"rules"}
    assert offered(people["site"], places["lobby"]) == in_lobby
    assert offered(people["member"], places["open"]) == offered(None, places["open"]) == set()
    assert offered(people["admin"], places["private"]) == offered(people["site"], -1) == set()
    guest = targets.find("some guest")
    on_people = {"mute", "unmute", "kick", "ban", "unban", "purge", "unpurge"}
    assert offered(people["moderator"], places["open"], guest) == on_people
    owner = targets.of_account(people["owner"])
    assert offered(people["moderator"], places["open"], owner) == set()


def test_the_same_is_offered_without_reading_anything(people, places):
    for place, kind in (("open", "open"), ("private", "private"), ("lobby", "open")):
        for who in people:
            role = who if who in ROLES and place != "lobby" else "member"
            is_site_moderator = who in ("staff", "site", "admin")
            named = moderation_rules.actions_of(
                kind, role, is_lobby=place == "lobby", is_site_moderator=is_site_moderator
            )
            assert set(named) == moderation.offered(people[who], places[place]), (who, place)


def test_nobody_is_taken_out_of_a_direct_room(people, bob):
    room = creation.open_direct(people["admin"], [bob])
    asked = OPERATOR, targets.of_account(bob), room.pk
    assert refusal(moderation.ban, *asked) is RefusalCode.NOT_ALLOWED
    assert moderation.mute(*asked, timedelta(minutes=1)).room_id == room.pk


def test_the_operator_has_the_highest_rank():
    assert OPERATOR.authority() is max(Authority)
