"""Invitations: who creates and revokes them, and how often they are used."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.accounts import invitations, lifecycle
from chat.accounts.invitations import State, Unusable
from chat.models import Invitation, Membership, ModerationEntry, SecurityEvent, User
from chat.room import alteration, creation, membership
from chat.room.refusal import RefusalCode, Refused
from tests.support.accounts import PASSWORD
from tests.support.moderating import OPERATOR, in_admin, on_page, site_moderator
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mona(lobby):
    return on_page(site_moderator("mona"))


@pytest.fixture
def garden(lobby, alice):
    return creation.create(alice, "The Garden")


@pytest.fixture
def cellar(lobby, alice):
    return creation.create(alice, "Cellar", private=True)


def refusal(function, *arguments, **options):
    """Return the code with which a call is refused."""
    with pytest.raises(Refused) as refused:
        function(*arguments, **options)
    return refused.value.code


def state_of_use(token):
    """Return why a token cannot be used."""
    with pytest.raises(Unusable) as unusable:
        invitations.sign_up(token, "eve", PASSWORD)
    return unusable.value.state


def is_member(room, name):
    return Membership.objects.filter(room=room, user__username=name).exists()


def test_an_invitation_is_in_the_log_without_its_token(mona, garden):
    invitation = invitations.create(mona, garden.pk, max_uses=3, expires=timedelta(days=2))
    invitations.revoke(mona, invitation.pk)

    created, revoked = ModerationEntry.objects.order_by("pk")
    assert (created.action, created.by, created.room) == ("invite", "mona", "The Garden")
    assert created.detail == f"invitation {invitation.pk}, 3 uses"
    assert created.until == invitation.expires
    assert (revoked.action, revoked.detail) == ("revoke", f"invitation {invitation.pk}")
    assert invitation.token not in f"{created.__dict__}{revoked.__dict__}"


def test_members_and_moderators_of_rooms_create_no_invitations(garden, alice):
    assert refusal(invitations.create, on_page(alice)) is RefusalCode.NOT_ALLOWED
    assert refusal(invitations.create, on_page(alice), garden.pk) is RefusalCode.NOT_ALLOWED


def test_an_invitation_leads_into_a_private_room_only_from_its_moderators(mona, cellar, alice):
    outside = refusal(invitations.create, mona, cellar.pk)
    membership.invite(cellar.pk, mona.user, alice)
    as_member = refusal(invitations.create, mona, cellar.pk)
    membership.set_role(cellar.pk, mona.user, "moderator", alice)
    invitation = invitations.create(mona, cellar.pk)

    assert outside is RefusalCode.NO_SUCH_ROOM
    assert as_member is RefusalCode.NOT_ALLOWED
    assert invitations.sign_up(invitation.token, "eve", PASSWORD)[1] == cellar
    assert is_member(cellar, "eve")


def test_an_invitation_leads_no_further_than_its_maker_may_go_now(mona, cellar, alice):
    membership.invite(cellar.pk, mona.user, alice)
    membership.set_role(cellar.pk, mona.user, "moderator", alice)
    invitation = invitations.create(mona, cellar.pk)
    membership.remove(cellar.pk, mona.user, alice)

    user, room = invitations.sign_up(invitation.token, "eve", PASSWORD)
    assert room is None
    assert not is_member(cellar, "eve")
    assert invitations.follow(invitation.token, user) is None


def test_the_operator_and_superusers_in_the_admin_invite_into_any_room(cellar):
    root = User.objects.create_superuser("root")

    assert refusal(invitations.create, on_page(root), cellar.pk) is RefusalCode.NO_SUCH_ROOM
    for moderator in (in_admin(root), OPERATOR):
        invitation = invitations.create(moderator, cellar.pk)
        name = f"by{invitation.pk}"
        invitations.sign_up(invitation.token, name, PASSWORD)
        assert is_member(cellar, name)


def test_archived_and_direct_rooms_are_no_destination(mona, garden, alice, bob):
    direct = creation.open_direct(alice, [bob])
    invitation = invitations.create(mona, garden.pk)
    alteration.archive(garden.pk, alice)

    assert refusal(invitations.create, OPERATOR, direct.pk) is RefusalCode.NO_SUCH_ROOM
    assert refusal(invitations.create, OPERATOR, garden.pk) is RefusalCode.ARCHIVED
    assert refusal(invitations.create, OPERATOR, 0) is RefusalCode.NO_SUCH_ROOM
    assert invitations.sign_up(invitation.token, "eve", PASSWORD)[1] is None


@pytest.mark.parametrize("expires", [timedelta(), timedelta(days=-1), timedelta(days=100_000)])
def test_an_invitation_ends_in_the_future(mona, expires):
    assert refusal(invitations.create, mona, expires=expires) is RefusalCode.BAD_DURATION


@pytest.mark.parametrize("max_uses", [0, -1, invitations.MAX_USES + 1])
def test_the_number_of_uses_is_bounded(mona, max_uses):
    with pytest.raises(ValueError, match="1 to"):
        invitations.create(mona, max_uses=max_uses)


def test_an_invitation_to_the_lobby_leads_to_the_site(mona, lobby):
    assert invitations.create(mona, lobby.pk).room is None


def test_the_last_use_is_given_once(mona, garden):
    invitation = invitations.create(mona, garden.pk, max_uses=2)

    def sign_up(name):
        try:
            return invitations.sign_up(invitation.token, name, PASSWORD)[0].username
        except Unusable as error:
            return error.state

    names = [f"person{number}" for number in range(6)]
    results = together(*[lambda name=name: sign_up(name) for name in names])

    assert results.count(State.USED_UP) == 4
    assert set(User.objects.filter(username__in=names).values_list("username", flat=True)) == (
        set(results) - {State.USED_UP}
    )
    assert Invitation.objects.get().uses == 2


def test_a_sign_up_that_fails_uses_nothing(mona, garden, bob):
    invitation = invitations.create(mona, garden.pk, max_uses=1)
    with pytest.raises(lifecycle.NameTaken):
        invitations.sign_up(invitation.token, "Bob", PASSWORD)

    assert Invitation.objects.get().uses == 0


def test_a_lost_race_for_the_name_uses_nothing(mona, garden, bob, monkeypatch):
    invitation = invitations.create(mona, garden.pk, max_uses=1)
    monkeypatch.setattr(lifecycle, "is_taken", lambda name: False)
    with pytest.raises(lifecycle.NameTaken):
        invitations.sign_up(invitation.token, "bob", PASSWORD)

    assert Invitation.objects.get().uses == 0
    assert not is_member(garden, "bob")


def test_members_of_the_room_follow_without_using_the_invitation(mona, garden, alice, bob):
    invitation = invitations.create(mona, garden.pk, max_uses=1)

    assert invitations.follow(invitation.token, alice) == garden
    assert invitations.follow(invitation.token, bob) == garden
    assert is_member(garden, "bob")
    assert Invitation.objects.get().uses == 1
    assert state_of_use(invitation.token) is State.USED_UP


def test_an_invitation_ends_by_its_time_and_by_being_revoked(mona, lobby):
    expired, revoked = invitations.create(mona), invitations.create(mona)
    Invitation.objects.filter(pk=expired.pk).update(expires=timezone.now())
    invitations.revoke(mona, revoked.pk)

    assert state_of_use(expired.token) is State.EXPIRED
    assert state_of_use(revoked.token) is State.UNKNOWN
    assert state_of_use("nothing") is State.UNKNOWN
    assert state_of_use("nul\0") is State.UNKNOWN
    assert not User.objects.filter(username="eve").exists()


def test_an_invitation_that_is_revoked_meanwhile_is_not_used(mona, lobby, monkeypatch):
    invitation = invitations.create(mona)
    found = invitations.find(invitation.token)
    invitations.revoke(mona, invitation.pk)
    monkeypatch.setattr(invitations, "find", lambda token: found)

    assert state_of_use(invitation.token) is State.UNKNOWN
    assert Invitation.objects.get().uses == 0


def test_an_invitation_is_revoked_once_and_by_site_moderators(mona, alice):
    invitation = invitations.create(mona)

    assert refusal(invitations.revoke, on_page(alice), invitation.pk) is RefusalCode.NOT_ALLOWED
    assert refusal(invitations.revoke, mona, 0) is RefusalCode.NO_SUCH_ENTRY
    invitations.revoke(mona, invitation.pk)
    assert refusal(invitations.revoke, mona, invitation.pk) is RefusalCode.DECIDED


def test_invitations_into_private_rooms_are_shown_to_their_members(mona, garden, cellar, alice):
    public, private = (invitations.create(OPERATOR, room.pk) for room in (garden, cellar))
    before = set(invitations.listed(mona.user))
    refused = refusal(invitations.revoke, mona, private.pk)
    membership.invite(cellar.pk, mona.user, alice)

    assert before == {public}
    assert refused is RefusalCode.NO_SUCH_ENTRY
    assert list(invitations.listed(mona.user)) == [private, public]
    assert list(invitations.listed(None)) == [private, public]


def test_the_event_of_a_sign_up_names_the_invitation(mona, lobby):
    invitation = invitations.create(mona)
    invitations.sign_up(invitation.token, "eve", PASSWORD)

    event = SecurityEvent.objects.get(kind="signed_up")
    assert (event.account, event.detail) == ("eve", f"invitation {invitation.pk}")
