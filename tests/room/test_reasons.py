"""Reasons and other words for the log of moderation: one clean line, from every function."""

import pytest

from chat.accounts import applications
from chat.models import (
    Application,
    HeldMessage,
    JoinRequest,
    ModerationEntry,
    Report,
    Room,
    Sanction,
)
from chat.models.moderation import MAX_REASON
from chat.room import (
    holding,
    join_requests,
    moderation,
    purging,
    report_actions,
    reporting,
    reports,
    targets,
)
from chat.room.moderation_log import Action, Door, record
from chat.room.refusal import RefusalCode
from chat.room.reporting import Reporter
from tests.support.accounts import PASSWORD
from tests.support.moderating import OPERATOR, on_page
from tests.support.rooms import refusal

DIRTY = "  too\nloud\0 and\u202e\x1b[31m\trude \udcff\u2028"
CLEAN = "too loud and [31m rude ?"


@pytest.fixture
def calls(garden, cellar, stays, said, alice, bob, carol):
    """Return {name: function of a reason} of all functions that take one."""
    target, by = targets.of_account(bob), on_page(alice)

    def report(why):
        return reporting.report(Reporter(carol, "carol", Door.PAGE), garden.pk, said, None, why)

    def held():
        return HeldMessage.objects.create(
            room=garden, user=bob, name="bob", text="x", at="2026-01-01T00:00Z"
        )

    def request():
        Room.objects.filter(pk=garden.pk).update(by_request=True)
        row = JoinRequest.objects.create(room=garden, user=carol, at="2026-01-01T00:00Z")
        return row.pk

    def application():
        return applications.apply("eve", PASSWORD, "", "beans").pk

    return {
        "mute": lambda reason: moderation.mute(by, target, garden.pk, reason=reason),
        "kick": lambda reason: moderation.kick(by, target, garden.pk, reason=reason),
        "ban": lambda reason: moderation.ban(by, target, garden.pk, reason=reason),
        "purge": lambda reason: purging.purge(by, target, garden.pk, 10, reason),
        "report": report,
        "handle": lambda reason: reports.handle(by, report("x").pk, reason),
        "dismiss": lambda reason: reports.dismiss(by, report("x").pk, reason),
        "act": lambda reason: report_actions.act(by, report("x").pk, "mute", None, reason),
        "refuse": lambda reason: holding.refuse(by, held().pk, reason),
        "decline": lambda reason: join_requests.decline(by, request(), reason),
        "approve": lambda reason: applications.approve(OPERATOR, application(), reason),
        "reject": lambda reason: applications.reject(OPERATOR, application(), reason),
        "record": lambda reason: record(by, Action.HANDLE, target, garden, reason=reason),
    }


NAMES = "mute kick ban purge report handle dismiss act refuse decline approve reject record"


@pytest.mark.parametrize("name", NAMES.split())
def test_a_reason_is_kept_as_one_clean_line(calls, name):
    assert set(calls) == set(NAMES.split())
    calls[name](DIRTY)
    kept = [*ModerationEntry.objects.exclude(reason="x").values_list("reason", flat=True)]
    for model, field in (
        (Sanction, "reason"),
        (HeldMessage, "reason"),
        (Application, "reason"),
        (Report, "why"),
    ):
        kept += model.objects.exclude(**{field: "x"}).values_list(field, flat=True)
    assert set(kept) - {""} == {CLEAN}


@pytest.mark.parametrize("name", NAMES.split())
def test_a_reason_that_is_too_long_is_refused(calls, name):
    assert refusal(calls[name], "x" * (MAX_REASON + 1)) is RefusalCode.TOO_LONG
    assert not ModerationEntry.objects.exclude(reason="x").exists()


def test_the_length_counts_after_cleaning(calls):
    calls["mute"](" " * MAX_REASON + "x\n" + "\0" * 10)
    assert Sanction.objects.get().reason == "x"


def test_the_words_of_an_applicant_keep_their_lines(lobby):
    text = "I grow\x1b beans\r\nand\u202e peas"
    assert applications.apply("eve", PASSWORD, "", text).text == "I grow beans\nand peas"
