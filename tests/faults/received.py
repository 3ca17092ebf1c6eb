"""The lines that one web member has received, in the order in which it applied them."""

import time

import orjson

HISTORY_PAGE = 100  # lines that a member asks for at once
NEWEST_LINES = 50  # lines in a first welcome
LATEST = 30  # lines in which a member looks for a message
FRAMES_KEPT = 500  # decoded frames


class FrameDecoder:
    """Decodes each frame once for all members, and keeps one copy of equal lines."""

    def __init__(self):
        self._frames = {}
        self._lines = {}

    def __call__(self, payload):
        if (frame := self._frames.get(payload)) is None:
            frame = orjson.loads(payload)
            if "lines" in frame:
                room = frame.get("room")
                frame["lines"] = [self._keep(room, line) for line in frame["lines"]]
            if len(self._frames) > FRAMES_KEPT:
                self._frames.clear()
            self._frames[payload] = frame
        return frame

    def _keep(self, room, line):
        known = self._lines.setdefault((room, line["seq"]), line)
        return known if known == line else line


class ReceivedLines:
    """The lines of a room as a member knows them, across all of its connections.

    `ask_history(before)` asks the server for older lines, `reconnect()` drops the connection so
    that the next welcome brings what is missing, `acknowledge(line)` takes each new line, and
    `complain(text)` takes what the server must never do.
    """

    def __init__(self, ask_history, reconnect, acknowledge, complain):
        self._ask_history, self._reconnect = ask_history, reconnect
        self._acknowledge, self._complain = acknowledge, complain
        self.entered = None  # the number of the first welcome
        self.last = None  # the number of the newest line
        self.lines = []  # all lines since the first welcome
        self.first_lines = []  # older lines that the first welcome has shown
        self.repeated = []  # lines that a later welcome has shown again
        self.arrivals = None  # {seq: time of arrival}, where a scenario measures
        self._window = None  # the newest lines, while older ones are missing

    def welcome(self, frame):
        """Apply the lines of a welcome. Raises nothing: mistakes become complaints."""
        seq, lines = frame["seq"], frame["lines"]
        if lines and lines[-1]["seq"] != seq:
            self._complain(f"a welcome at {seq} ends with {lines[-1]['seq']}")
        if self.entered is None:
            self.entered = self.last = seq
            self.first_lines = lines
        elif frame["reset"] and (lines[0]["seq"] if lines else seq + 1) > self.last + 1:
            self._window = list(lines)
            self._ask_missing(seq + 1)
        else:
            self._resume(frame)
        for line in lines:
            self._acknowledge(line)

    def _resume(self, frame):
        """Apply a welcome that continues, or overlaps with, the lines that are known."""
        lines = frame["lines"]
        if frame["reset"]:
            self.repeated += lines
            lines = [line for line in lines if line["seq"] > self.last]
        self.extend(lines)
        if self.last != frame["seq"]:
            self._complain(f"a welcome at {frame['seq']} ended at {self.last}")

    def extend(self, lines):
        """Apply the next lines."""
        if self._window is not None:
            self._window += lines
            return
        for line in lines:
            if line["seq"] != self.last + 1:
                self._complain(f"{line['seq']} came after {self.last}")
                if line["seq"] <= self.last:
                    continue
                self._reconnect()
                return
            self._apply(line)

    def _apply(self, line):
        self.last = line["seq"]
        self.lines.append(line)
        if self.arrivals is not None:
            self.arrivals[line["seq"]] = time.monotonic()
        self._acknowledge(line)

    def newest_message(self):
        """Return the number of the newest message among the latest lines; None if there is none."""
        latest = reversed(self.lines[-LATEST:])
        return next((line["seq"] for line in latest if line["kind"] == "said"), None)

    # The missing lines after a welcome with `reset`

    @property
    def is_incomplete(self):
        """True if lines between the known ones and the newest ones are missing."""
        return self._window is not None

    def ask_missing_again(self, seq):
        """Ask for the missing lines once more, of which the newest is that of a welcome."""
        if self.is_incomplete:
            self._ask_missing(seq + 1)

    def fill(self, older):
        """Put a page of history before the newest lines."""
        if not self.is_incomplete or not older:
            return
        self.repeated += older
        self._window = older + self._window
        if older[0]["seq"] > self.last + 1:
            self._ask_missing(None)
        else:
            window, self._window = self._window, None
            self.extend([line for line in window if line["seq"] > self.last])

    def forget_missing(self):
        """Drop the newest lines at the end of a connection: the next welcome sends them again."""
        self._window = None

    def _ask_missing(self, end):
        self._ask_history(self._window[0]["seq"] if self._window else end)
