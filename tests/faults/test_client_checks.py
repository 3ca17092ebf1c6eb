"""The judge's checks of what clients received find everything that must never happen."""

import asyncio

import pytest

from tests.faults import client_checks
from tests.faults.member import ClientMember
from tests.faults.samples import (
    ALICE,
    CAROL,
    LOG,
    alice_with_the_log,
    answering,
    carol_with_a_run,
    crowd_of,
    frames,
)


@pytest.fixture
def alice():
    return alice_with_the_log()


@pytest.fixture
def carol():
    return carol_with_a_run()


def test_clients_that_have_everything_pass(alice, carol):
    alice.people_lists = [(1, [ALICE]), (3, [ALICE, CAROL]), (5, [ALICE])]
    client_checks.assert_member_has_the_log(alice, LOG)
    client_checks.assert_guest_has_a_run(carol, LOG)
    client_checks.assert_people_lists([alice], LOG)
    client_checks.assert_undisturbed([alice])


@pytest.mark.parametrize(
    "lines",
    [
        LOG[1:3] + LOG[4:],  # one is missing
        LOG[1:3] + LOG[2:],  # one came twice
        [*LOG[1:3], LOG[4], LOG[3]],  # two changed places
        [*LOG[1:3], LOG[3]._replace(text="three"), LOG[4]],
        LOG[1:4],  # the last is missing
    ],
)
def test_a_member_without_exactly_the_log_is_found(alice, lines):
    alice.received.lines = frames(lines)
    with pytest.raises(AssertionError):
        client_checks.assert_member_has_the_log(alice, LOG)


@pytest.mark.parametrize("spans", [[[0, 1, "bold"]], [[0, 1, "mention", "ann"], [1, 1, "escape"]]])
def test_the_formatting_of_another_text_is_found(alice, spans):
    said = next(line for line in alice.received.lines if line["kind"] == "said")
    said["spans"] = [[0, 1, "mention", "ann"]]
    client_checks.assert_member_has_the_log(alice, LOG)
    said["spans"] = spans
    with pytest.raises(AssertionError, match="formatted wrongly"):
        client_checks.assert_member_has_the_log(alice, LOG)


@pytest.mark.parametrize("first", [[], [LOG[1]], [LOG[0], LOG[0]]])
def test_a_first_welcome_without_the_newest_lines_is_found(alice, first):
    alice.received.first_lines = frames(first)
    with pytest.raises(AssertionError, match="first lines"):
        client_checks.assert_member_has_the_log(alice, LOG)


def test_a_repeated_line_that_is_not_in_the_log_is_found(alice):
    alice.received.repeated = frames([LOG[2], LOG[3]._replace(text="three")])
    with pytest.raises(AssertionError, match="was shown"):
        client_checks.assert_member_has_the_log(alice, LOG)


@pytest.mark.parametrize(("reset", "complaints"), [(False, 2), (True, 0)])
def test_only_a_welcome_with_reset_may_repeat_lines(alice, reset, complaints):
    welcome = {"type": "welcome", "seq": 5, "people": [], "rooms": [{"id": 1}]}
    alice.receive({**welcome, "lines": frames(LOG[-2:]), "reset": reset})
    assert len(alice.complaints) == complaints
    assert alice.received.last == 5


@pytest.mark.parametrize(
    "heard", [b"carol: two\n", b"alice: one\nalice: one\n", b"alice: one\ncarol: two\nalice: one\n"]
)
def test_a_guest_without_a_run_of_the_log_is_found(carol, heard):
    carol.heard[:] = heard
    with pytest.raises(AssertionError):
        client_checks.assert_guest_has_a_run(carol, LOG)


def test_a_guest_that_is_still_there_must_have_all_lines(carol):
    carol.closed = False
    with pytest.raises(AssertionError):
        client_checks.assert_guest_has_a_run(carol, LOG)


@pytest.mark.parametrize("people", [[CAROL, ALICE], [ALICE], [ALICE, ALICE | {"guest": True}]])
def test_a_wrong_list_of_people_is_found(alice, people):
    alice.people_lists = [(4, people)]
    with pytest.raises(AssertionError):
        client_checks.assert_people_lists([alice], LOG)


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        (LOG[1:], False),  # the first is missing
        (LOG[:2] + LOG[3:], False),
        ([*LOG[:4], LOG[4]._replace(name="alice")], False),
        (LOG, True),  # there is nothing before
    ],
)
def test_wrong_history_is_found(alice, lines, more):
    alice.ask = answering({"lines": frames(LOG), "more": False})
    asyncio.run(client_checks.assert_history_is_the_log(alice, LOG))
    alice.ask = answering({"lines": frames(lines), "more": more})
    with pytest.raises(AssertionError):
        asyncio.run(client_checks.assert_history_is_the_log(alice, LOG))


def test_only_the_expected_members_may_be_sent_away(alice):
    bob = ClientMember("bob", "key", [])
    client_checks.assert_sent_away(crowd_of(alice, bob), [])
    alice.receive({"type": "bye", "code": "removed", "retry_in": None})
    alice.pause_after(4403)
    crowd = crowd_of(alice, bob)
    client_checks.assert_sent_away(crowd, [alice])
    with pytest.raises(AssertionError, match=r"sent away: 1, .*alice.*4403"):
        client_checks.assert_sent_away(crowd, [])
    with pytest.raises(AssertionError, match=r"not sent away: 1, .*bob"):
        client_checks.assert_sent_away(crowd, [alice, bob])


def test_a_member_that_logs_out_is_not_sent_away(alice):
    alice.over = True
    alice.pause_after(1000)
    client_checks.assert_sent_away(crowd_of(alice), [])


def test_an_undisturbed_client_that_was_closed_is_found(alice, carol):
    with pytest.raises(AssertionError, match="closed"):
        client_checks.assert_undisturbed([alice, carol])
