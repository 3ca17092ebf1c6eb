"""The judge's checks of the log find everything that must never happen."""

import pytest

from tests.faults import log_checks
from tests.faults.ledger import SentMessage
from tests.faults.samples import (
    LOG,
    acknowledge,
    alice_with_the_log,
    carol_with_a_run,
    crowd_of,
    line,
)


@pytest.fixture
def alice():
    return alice_with_the_log()


@pytest.fixture
def carol():
    return carol_with_a_run()


def nobody(name):
    return False


def test_a_right_log_passes(alice, carol):
    acknowledge(alice, "id-1", "one", 3)
    acknowledge(carol, "two", "two", None)
    crowd = crowd_of(alice, guests=[carol])
    log_checks.assert_no_gap(LOG, 5)
    log_checks.assert_acknowledgements(crowd, LOG)
    log_checks.assert_all_were_said(log_checks.messages_by_ledgers(crowd, LOG)[1], nobody)
    assert log_checks.present_after(LOG) == ["alice"]
    assert log_checks.lost_and_doubled(crowd, LOG) == ([], [])


@pytest.mark.parametrize("log", [LOG[:2] + LOG[3:], [*LOG[:3], *LOG[2:]], LOG[1:]])
def test_a_gap_in_the_numbers_is_found(log):
    with pytest.raises(AssertionError):
        log_checks.assert_no_gap(log, 5)


def test_an_acknowledged_message_of_a_member_that_is_not_saved_is_lost(alice):
    acknowledge(alice, "id-2", "never saved", 6)
    lost = [("alice", "never saved")]
    assert log_checks.lost_and_doubled(crowd_of(alice), LOG) == (lost, [])


def test_an_acknowledged_message_of_a_guest_that_is_not_saved_is_lost(carol):
    acknowledge(carol, "three", "three", None)
    lost = [("carol", "three")]
    assert log_checks.lost_and_doubled(crowd_of(guests=[carol]), LOG) == (lost, [])


@pytest.mark.parametrize("client_id", ["id-1", "id-9"])
def test_a_message_that_is_saved_twice_is_doubled(alice, client_id):
    acknowledge(alice, "id-1", "one", 3)
    log = [*LOG, line(6, "said", "alice", "one", client_id)]
    assert log_checks.lost_and_doubled(crowd_of(alice), log) == ([], [("alice", "one")])


def test_a_message_in_no_ledger_that_is_saved_twice_is_doubled():
    log = [*LOG, line(6, "said", "alice", "one, again", "id-1")]
    assert log_checks.lost_and_doubled(crowd_of(), log) == ([], [("alice", "one, again")])


@pytest.mark.parametrize(("text", "seq"), [("one", 4), ("won", 3)])
def test_an_acknowledgement_of_another_line_is_found(alice, text, seq):
    acknowledge(alice, "id-1", text, seq)
    with pytest.raises(AssertionError, match="something else"):
        log_checks.assert_acknowledgements(crowd_of(alice), LOG)


def test_messages_that_are_not_in_the_order_of_saying_are_found(alice):
    acknowledge(alice, "id-2", "later", 6)
    acknowledge(alice, "id-1", "one", 3)
    log = [*LOG, line(6, "said", "alice", "later", "id-2")]
    with pytest.raises(AssertionError, match="after 6"):
        log_checks.assert_acknowledgements(crowd_of(alice), log)


def test_a_message_that_nobody_said_is_found(alice, carol):
    acknowledge(alice, "id-1", "one", 3)
    known, unknown = log_checks.messages_by_ledgers(crowd_of(alice, guests=[carol]), LOG)
    assert (known, unknown) == ([LOG[2]], [LOG[3]])
    with pytest.raises(AssertionError, match="nobody said"):
        log_checks.assert_all_were_said(unknown, nobody)
    log_checks.assert_all_were_said(unknown, lambda name: name == "carol")


def test_a_refused_message_of_a_guest_that_is_saved_is_counted(carol):
    carol.ledger = {text: SentMessage(text) for text in ("two", "three")}
    assert log_checks.refused_and_saved([carol], LOG) == []
    for message in carol.ledger.values():
        message.refused_at.append(1.0)
    assert log_checks.refused_and_saved([carol], LOG) == [("carol", "two")]


@pytest.mark.parametrize(
    "senseless",
    [
        line(6, "entered", "alice"),  # is present
        line(6, "said", "carol", "two", guest=True),  # has left
        line(6, "said", "dora", "two", guest=True),  # has never entered
        line(6, "left", "carol", guest=True, of=2),  # has left
        line(6, "left", "alice", of=2),  # names another stay
        line(6, "left", "carol", guest=True, of=1),  # names somebody else's
        line(6, "left", "alice"),
    ],
)
def test_a_line_that_makes_no_sense_is_found(senseless):
    with pytest.raises(AssertionError):
        log_checks.present_after([*LOG, senseless])


SANCTIONS = (  # line by line, and what may follow each of them
    (line(6, "notice", "alice", "alice was muted for 10 minutes: spam"), False),
    (line(7, "rules", "carol", "locked"), False),
    (line(8, "notice", "alice", "alice may speak again"), False),
    (line(9, "rules", "carol", "unlocked"), True),
)


@pytest.mark.parametrize("count", range(1, len(SANCTIONS) + 1))
def test_a_message_after_a_sanction_is_found(count):
    log = [*LOG, *(each for each, _ in SANCTIONS[:count])]
    log_checks.assert_sanctions_hold(log)
    log.append(line(6 + count, "said", "alice", "more"))
    if SANCTIONS[count - 1][1]:
        log_checks.assert_sanctions_hold(log)
    else:
        with pytest.raises(AssertionError):
            log_checks.assert_sanctions_hold(log)


def test_moderators_speak_in_a_locked_room_and_people_who_are_muted_change_nothing():
    locked = [*LOG, line(6, "rules", "carol", "locked")]
    log_checks.assert_sanctions_hold([*locked, line(7, "said", "carol", "more", guest=True)])
    muted = [*LOG, line(6, "notice", "alice", "alice was muted")]
    with pytest.raises(AssertionError, match="not silent"):
        log_checks.assert_sanctions_hold([*muted, line(7, "edited", "alice", of=3)])


def test_a_message_that_was_refused_for_good_and_saved_is_found(alice):
    acknowledge(alice, "id-1", "one", None)
    log_checks.assert_refused_are_not_saved([alice], LOG)
    alice.ledger["id-1"].refused = "muted"
    with pytest.raises(AssertionError, match="refused as muted"):
        log_checks.assert_refused_are_not_saved([alice], LOG)


def test_people_may_enter_again_and_unknown_kinds_move_nobody():
    again = line(6, "entered", "carol", guest=True)
    unknown = line(7, "reaction", "zoe", "wave")
    assert log_checks.present_after([*LOG, again, unknown]) == ["alice", "carol"]
