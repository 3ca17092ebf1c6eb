"""A long log for a `ScriptedSocket`, sent as a client gets it that counts messages."""

from tests.support.scripted_socket import a_line, a_welcome

PASSING = ("entered", "left")
NEWEST_MESSAGES = 50


class ScriptedLog:
    """The log of a room. Its lines are numbered from 1 without a gap."""

    def __init__(self, lines):
        self.lines = list(lines)

    @property
    def last(self):
        return self.lines[-1]["seq"]

    def welcome(self, after=None):
        """Return the fields of a welcome; `after` is the last line of a page that has to reset."""
        begin = self._before(self.last + 1, NEWEST_MESSAGES)
        lines, skipped = self._excerpt(begin, self.last)
        missed = None
        if after is not None:
            missed = sum(line["kind"] == "said" for line in self.lines[after : begin - 1])
        reset = {"reset": after is not None, "missed": missed, "skipped": skipped}
        return {**a_welcome(lines, seq=self.last), **reset}

    def history(self, frame):
        """Return the answer to a frame `history`."""
        if "after" in frame:
            first, last = frame["after"] + 1, self._after(frame["after"], frame["limit"])
        else:
            last = min(frame["before"] - 1, self.last)
            first = self._before(last + 1, frame["limit"])
        lines, skipped = self._excerpt(first, last)
        more = last < self.last if "after" in frame else first > 1
        return {"type": "history", "lines": lines, "skipped": skipped, "more": more}

    def say(self, text, **fields):
        """Add a message, and return the fields of the frame that brings it."""
        self.lines.append(a_line(self.last + 1, text, **fields))
        return {"lines": self.lines[-1:]}

    def _before(self, seq, limit):
        said = [line["seq"] for line in self.lines[: seq - 1] if line["kind"] == "said"]
        return said[-limit] if len(said) >= limit else 1

    def _after(self, seq, limit):
        said = [line["seq"] for line in self.lines[seq:] if line["kind"] == "said"]
        return said[limit - 1] if len(said) >= limit else self.last

    def _excerpt(self, first, last):
        lines, skipped = [], []
        for line in self.lines[first - 1 : last]:
            if line["kind"] not in PASSING:
                lines.append(line)
                continue
            if not skipped or skipped[-1][1] != line["seq"] - 1:
                skipped.append([line["seq"], line["seq"], 0, 0])
            skipped[-1][1] = line["seq"]
            skipped[-1][2 + PASSING.index(line["kind"])] += 1
        return lines, skipped


def messages(count, **fields):
    """Return lines "number 1", "number 2" and so on."""
    return [a_line(seq, f"number {seq}", **fields) for seq in range(1, count + 1)]
