"""The judge of clients in many rooms finds what must never happen."""

from types import SimpleNamespace

import pytest

from tests.support.room_client import Entry
from tests.support.room_history import RoomHistory
from tests.support.room_judge import ClientJudge
from tests.support.room_terminal import TerminalJudge
from tests.support.site_database import SavedLine

ROOM = 2
SUMMARY = {"id": ROOM, "kind": "private", "topic": "", "archived": False, "role": "member"}


def line(seq, kind, name, text=""):
    return SavedLine(seq, kind, name, text, None, False, None)


# Alice invites bob, who is removed and comes back.
LOG = [
    line(1, "created", "alice"),
    line(2, "joined", "bob", "alice"),
    line(3, "said", "alice", "one"),
    line(4, "said", "bob", "two"),
    line(5, "parted", "bob", "alice"),
    line(6, "said", "alice", "three"),
    line(7, "joined", "bob", "alice"),
    line(8, "said", "alice", "four"),
]
TIMES = [10.0 * line.seq for line in LOG]


class Transcript:
    """A record of what bob sends and hears, at given times."""

    name = "bob"

    def __init__(self):
        welcome = {"seq": 0, "rooms": [{"id": 1, **{k: SUMMARY[k] for k in SUMMARY if k != "id"}}]}
        self.transcript = [Entry("connected", 5, welcome)]

    def sends(self, at, **frame):
        self.transcript.append(Entry("sent", at, frame))
        return self

    def hears(self, at, **frame):
        self.transcript.append(Entry("heard", at, frame))
        return self

    def opens(self, at, seq):
        """Open the room at a time when `seq` is its last line."""
        self.sends(at, type="open", room=ROOM)
        lines = [frame_of(one) for one in LOG[:seq]]
        return self.hears(at, type="opened", room=ROOM, seq=seq, lines=lines, reset=False)

    def hears_lines(self, at, first, last):
        lines = [frame_of(one) for one in LOG[first - 1 : last]]
        return self.hears(at, type="lines", room=ROOM, lines=lines)

    def judged(self):
        judge = ClientJudge(self, {ROOM: RoomHistory(ROOM, "private", LOG, TIMES)}, [])
        judge.judge()
        return judge


def frame_of(saved):
    return saved._asdict()


def test_lines_up_to_the_parting_are_right():
    judge = Transcript().opens(35, 3).hears_lines(50, 4, 5).judged()
    assert judge.unfinished() == []


def test_a_line_after_the_parting_is_found():
    transcript = Transcript().opens(35, 3).hears_lines(50, 4, 6)
    with pytest.raises(AssertionError, match="lost it with 5"):
        transcript.judged()


def test_a_missing_line_is_found():
    judge = Transcript().opens(35, 3).hears_lines(40, 4, 4).judged()
    assert judge.unfinished() == [("bob", ROOM, 4, 5)]


def test_a_room_that_is_closed_before_it_was_opened_may_miss_lines():
    transcript = Transcript().sends(34, type="open", room=ROOM).sends(34, type="close", room=ROOM)
    lines = [frame_of(one) for one in LOG[:3]]
    transcript.hears(35, type="opened", room=ROOM, seq=3, lines=lines, reset=False)
    assert transcript.judged().unfinished() == []
    assert transcript.opens(72, 7).judged().unfinished() == [("bob", ROOM, 7, 8)]


def test_a_gap_and_a_repetition_are_found():
    for first in (5, 3):
        with pytest.raises(AssertionError, match="bob has 3"):
            Transcript().opens(35, 3).hears_lines(50, first, 5).judged()


def test_an_opening_without_access_is_found():
    with pytest.raises(AssertionError, match="could not read it"):
        Transcript().opens(65, 6).judged()


def test_history_for_somebody_without_access_is_found():
    transcript = Transcript().sends(65, type="history", room=ROOM, before=5)
    transcript.hears(66, type="history", room=ROOM, lines=[frame_of(LOG[3])])
    with pytest.raises(AssertionError, match="could not read it"):
        transcript.judged()


def test_a_notice_with_a_line_that_came_after_the_parting_is_found():
    transcript = Transcript().hears(61, type="activity", room=ROOM, line=frame_of(LOG[5]))
    with pytest.raises(AssertionError, match="may not read"):
        transcript.judged()


def test_the_same_line_is_right_once_bob_has_come_back():
    Transcript().hears(71, type="activity", room=ROOM, line=frame_of(LOG[5])).judged()


def test_a_change_that_is_told_too_late_is_found():
    transcript = Transcript().hears(20.5, type="room", change="joined", room=SUMMARY)
    transcript.hears(55, type="room", change="left", room={"id": ROOM, "slug": "x"})
    with pytest.raises(AssertionError, match="not None"):
        transcript.judged().judge_notices()


def test_changes_that_are_told_in_time_are_right():
    transcript = Transcript().hears(20.5, type="room", change="joined", room=SUMMARY)
    transcript.hears(51, type="room", change="left", room={"id": ROOM, "slug": "x"})
    judge = transcript.hears(70.5, type="room", change="joined", room=SUMMARY).judged()
    judge.judge_notices()
    assert judge.delays == [0.5, 1, 0.5]


def test_a_message_of_somebody_who_is_no_member_is_found():
    log = [*LOG[:5], line(6, "said", "bob", "three")]
    with pytest.raises(AssertionError, match="said by no member"):
        RoomHistory(ROOM, "private", log, TIMES[:6]).assert_sound()


# Terminals


def terminal(*heard, name="bob", key="cs_key"):
    """Return a judge of a terminal at which numbers of messages were heard, each at a time."""
    texts = {3: "alice 1", 4: "bob 2", 6: "alice 3", 8: "alice 4"}
    log = [one._replace(text=texts[one.seq]) if one.kind == "said" else one for one in LOG]
    lines = [(at, f"#room {LOG[seq - 1].name}: {texts[seq]}\n") for at, seq in heard]
    person = SimpleNamespace(name=name, key=key, lines=lines)
    return TerminalJudge(person, {ROOM: RoomHistory(ROOM, "private", log, TIMES)})


def judged(*heard, final=(), **who):
    judge = terminal(*heard, **who)
    judge.judge()
    return judge.missing(final)


def test_a_terminal_with_all_messages_of_its_stays_is_right():
    assert judged((30, 3), (40, 4), (80, 8)) == []


def test_a_message_at_a_terminal_before_its_person_could_read_it_is_found():
    with pytest.raises(AssertionError, match="may not read"):
        judged((61, 6))
    assert judged((71, 6), (80, 8)) == []


def test_a_message_that_a_terminal_hears_twice_is_found():
    with pytest.raises(AssertionError, match="late"):
        judged((30, 3), (31, 3))


def test_a_message_that_does_not_come_to_a_terminal_is_found():
    changes = [(2, "joined"), (5, "parted"), (7, "joined")]
    assert judged((40, 4), final=["alice 4"]) == [("bob", ROOM, 8, changes)]
    assert judged((40, 4), final=["alice 1"]) == [("bob", ROOM, 3, changes)]
    assert judged((30, 3)) == []  # the other one was on its way when bob left


def test_a_guest_may_not_read_a_room_without_visiting_it():
    with pytest.raises(AssertionError, match="may not read"):
        judged((80, 8), name="carol", key="")
