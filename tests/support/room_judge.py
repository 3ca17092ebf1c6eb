"""Judges the transcripts of clients in many rooms by the logs of these rooms.

A line with the number `seq` may reach somebody if they could read the room at a moment when it was
there: after `seq`, or later. Answers may also not come to somebody who has lost the room for some
time. Problems raise AssertionError.
"""

from collections import Counter, defaultdict, deque
from itertools import pairwise

from tests.support.site_database import SavedLine

TOLD_WITHIN = 4  # seconds from a change to the `room` frame
STALLED = 3  # processes that such a change passes through, of which each may stall
# Seconds in which an answer may have been read before a loss. The time of a line is taken before
# its transaction has committed.
UNDER_WAY = 1
FIRST_LINES = 50  # that `opened` has at most, where the client has none


class OpenedRoom:
    """A room as one client has it open.

    `seq` is the number of the last line that it has, and `end` of the last one that it must get.
    """

    def __init__(self, history, name, seq, *, is_closing):
        self.opened_at = self.seq = seq
        loss = history.loss(name, seq)
        self.is_lost = loss is not None
        self.end = loss or history.last
        self.is_closing = is_closing

    @property
    def is_finished(self):
        """Whether nothing is missing. A room that is lost while it is opened is never followed."""
        return self.seq == self.end or (self.is_lost and self.seq == self.opened_at)


class ClientJudge:
    """Reads the transcript of one client. `histories` are those of all rooms besides the lobby.

    `stall` is the longest time in seconds for which a process may have got no processor.
    """

    def __init__(self, client, histories, lobby, stall=0):
        self.name = client.name
        self.under_way = UNDER_WAY + stall
        self.told_within = TOLD_WITHIN + STALLED * stall
        self.transcript = client.transcript
        self.histories, self.lobby = histories, lobby
        self.opened, self.asked = {}, {}
        self.delivered = 0  # lines
        self.delays = []  # seconds from a change to the frame that told it

    def judge(self):
        """Assert that each frame was right when it came."""
        for entry in self.transcript:
            match entry.what:
                case "connected":
                    self.opened, self.asked = {}, defaultdict(deque)
                    self.closing = Counter()  # how many answers to `open` come before a `close`
                    self.lobby_seq = entry.frame["seq"]
                case "sent":
                    self._note_request(entry)
                case "heard":
                    self._judge_frame(entry)

    def _note_request(self, entry):
        frame = entry.frame
        if frame["type"] in ("open", "history", "look"):
            self.asked[frame["type"], frame["room"]].append(entry)
        if frame["type"] == "close":
            self.closing[frame["room"]] = len(self.asked["open", frame["room"]])
        # A room that is opened again is closed first, also if that is refused.
        if frame["type"] in ("open", "close") and frame["room"] in self.opened:
            self.opened[frame["room"]].is_closing = True

    def _judge_frame(self, entry):
        match entry.frame:
            case {"type": "lines", "room": room, "lines": lines}:
                self._judge_lines(self.histories[room], lines, entry)
            case {"type": "lines", "lines": lines}:
                for line in lines:
                    self.lobby_seq += 1
                    assert SavedLine.from_frame(line) == self.lobby[self.lobby_seq - 1], line
            case {"type": "opened", "room": room} if room in self.histories:
                self._judge_opened(self.histories[room], entry)
            case {"type": "history" | "people" as kind, "room": room} if room in self.histories:
                question = self.asked["look" if kind == "people" else kind, room].popleft()
                self._assert_could_read(self.histories[room], question, entry)
                self._assert_readable(self.histories[room], entry.frame.get("lines", ()), entry)
            case {"type": "activity", "room": room, "line": line}:
                self._assert_readable(self.histories[room], [line], entry)
            case {"type": "error", "room": room, "answer": "open"}:
                self._take_opening(room)
            case {"type": "error", "room": room, "answer": answer} if self.asked[answer, room]:
                self.asked[answer, room].popleft()

    def _take_opening(self, room):
        """Return the oldest `open` without an answer, and whether a `close` follows it."""
        is_closing = self.closing[room] > 0
        self.closing[room] -= is_closing
        return self.asked["open", room].popleft(), is_closing

    def _judge_opened(self, history, entry):
        question, is_closing = self._take_opening(history.room_id)
        self._assert_could_read(history, question, entry)
        frame, after = entry.frame, question.frame.get("after")
        seq, lines = frame["seq"], frame["lines"]
        assert history.states[seq].may_read(self.name), f"{self.name} opened it: {entry}"
        first = max(seq - FIRST_LINES, 0)
        begin = first if after is None or frame["reset"] else after
        got = [SavedLine.from_frame(line) for line in lines]
        assert got == history.lines[begin:seq], f"{self.name}: other lines: {entry}, {question}"
        self._assert_readable(history, lines, entry)
        self.opened[history.room_id] = OpenedRoom(history, self.name, seq, is_closing=is_closing)

    def _judge_lines(self, history, lines, entry):
        opened = self.opened.get(history.room_id)
        assert opened is not None, f"{self.name} has not opened it: {entry}"
        for line in lines:
            assert line["seq"] == opened.seq + 1, f"{self.name} has {opened.seq}: {entry}"
            assert line["seq"] <= opened.end, f"{self.name} lost it with {opened.end}: {entry}"
            assert SavedLine.from_frame(line) == history.lines[opened.seq], line
            opened.seq += 1
        self.delivered += len(lines)
        assert lines

    def _assert_readable(self, history, lines, entry):
        for line in lines:
            assert SavedLine.from_frame(line) == history.lines[line["seq"] - 1], line
            since = history.first_readable(self.name, line["seq"])
            assert since is not None and since <= entry.at, (
                f"{self.name} may not read {entry}; {history.changes_of(self.name)}"
            )

    def _assert_could_read(self, history, question, answer):
        could = history.could_read(self.name, question.at - self.under_way, answer.at)
        assert could, f"{self.name} could not read it: {question}, {answer}"

    # The end of a connection that was not interrupted

    def unfinished(self):
        """Return the open rooms of which lines are missing, once nothing happens any more."""
        return [
            (self.name, room, opened.seq, opened.end)
            for room, opened in self.opened.items()
            if not (opened.is_closing or opened.is_finished)
        ]

    # Notices about rooms

    def judge_notices(self):
        """Assert that each change that lasted for some seconds was told within them."""
        spans = self._spans()
        for history in self.histories.values():
            if history.states[0].kind != "direct":  # leaving one hides it, without a line
                for seq, at, until in self._lasting(history):
                    expected = features_at(history.states[seq], self.name)
                    for begin, end, told in spans:
                        if begin <= at and until <= end:
                            self._assert_told(history, seq, at, told, expected)

    def _spans(self):
        """Return (begin, end, [(time, room, features)]) of each connection."""
        spans = []
        for entry in self.transcript:
            match entry.what, entry.frame:
                case "connected", {"rooms": rooms}:
                    told = [(entry.at, room["id"], features_of(room)) for room in rooms]
                    spans.append([entry.at, float("inf"), told])
                case "ended", _:
                    spans[-1][1] = entry.at
                case "heard", {"type": "room", "change": change, "room": room}:
                    features = None if change == "left" else features_of(room)
                    spans[-1][2].append((entry.at, room["id"], features))
        return spans

    def _lasting(self, history):
        """Yield (number, time, time + `told_within`) of lines that change what this client knows.

        Lines after which it changes again within this time are left out.
        """
        features = [features_at(state, self.name) for state in history.states]
        changes = [
            (line.seq, history.times[line.seq - 1])
            for line in history.lines
            if features[line.seq] != features[line.seq - 1]
        ]
        for (seq, at), (_, following) in pairwise([*changes, (0, float("inf"))]):
            if at + self.told_within < following:
                yield seq, at, at + self.told_within

    def _assert_told(self, history, seq, at, told, expected):
        of_room = [(when, what) for when, room, what in told if room == history.room_id]
        known = [what for when, what in of_room if when <= at + self.told_within]
        assert (known or [None])[-1] == expected, (
            f"{self.name}, room {history.room_id}, {history.lines[seq - 1]}:"
            f" {known[-1:]}, not {expected}; {[(when - at, what) for when, what in of_room]}"
        )
        # A change that was taken back at once may not have been told.
        new = [when - at for when, what in of_room if when >= at and what == expected]
        self.delays += [delay for delay in new[:1] if delay <= self.told_within]


def features_of(summary):
    """Return what a client knows of a room, from a summary. None if it is no member."""
    if summary["role"] is None:
        return None
    return summary["kind"], summary["topic"], summary["archived"], summary["role"]


def features_at(state, name):
    """Return the same by the log."""
    if name not in state.roles:
        return None
    return state.kind, state.topic, state.archived, state.roles[name]
