"""The newest messages of one room in memory, also when many people have come and gone since."""

from collections.abc import Sequence

from chat.models import Line
from chat.room.excerpts import PASSING, Excerpt, Run

NEWEST_MESSAGES = 50  # that a newcomer is sent


class NewestMessages:
    """An excerpt of the end of the log that grows with each new line."""

    def __init__(self) -> None:
        self.load(Excerpt(first=1, last=0, lines=[], skipped=[]))

    def load(self, excerpt: Excerpt) -> None:
        """Begin with an excerpt that ends with the newest line."""
        self._first = excerpt.first
        self._last = excerpt.last
        self._lines = list(excerpt.lines)
        self._skipped = list(excerpt.skipped)
        self._messages = sum(line.kind == "said" for line in self._lines)

    def add(self, lines: Sequence[Line]) -> None:
        """Add the next lines."""
        for line in lines:
            if line.kind in PASSING:
                self._skip(line)
            else:
                self._lines.append(line)
                self._messages += line.kind == "said"
            if line.kind == "removed":
                self._remove(line.of)
            self._last = line.seq
        while self._messages > NEWEST_MESSAGES:
            self._forget_first_message()

    def excerpt(self) -> Excerpt:
        """Return the newest messages and the lines among them."""
        return Excerpt(
            first=self._first,
            last=self._last,
            lines=list(self._lines),
            skipped=list(self._skipped),
        )

    def _skip(self, line):
        entered, left = int(line.kind == "entered"), int(line.kind == "left")
        if self._skipped and self._skipped[-1].last == line.seq - 1:
            run = self._skipped[-1]
            self._skipped[-1] = Run(
                first=run.first,
                last=line.seq,
                entered=run.entered + entered,
                left=run.left + left,
            )
        else:
            self._skipped.append(Run(line.seq, line.seq, entered, left))

    def _remove(self, seq):
        for index, line in enumerate(self._lines):
            if line.seq == seq:
                self._lines[index] = line._replace(text="", removed=True)

    def _forget_first_message(self):
        """Forget everything before the second message in memory."""
        second = [index for index, line in enumerate(self._lines) if line.kind == "said"][1]
        del self._lines[:second]
        self._messages -= 1
        self._first = self._lines[0].seq
        self._skipped = [run for run in self._skipped if run.first > self._first]
