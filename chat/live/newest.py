"""The newest messages of one room in memory, also when many people have come and gone since."""

from collections.abc import Sequence

from chat.models import Line
from chat.room import excerpts, folding
from chat.room.excerpts import MAX_CHANGES, PASSING, Excerpt, Run

NEWEST_MESSAGES = 50  # that a newcomer is sent
MAX_LINES = NEWEST_MESSAGES + MAX_CHANGES


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
            self._lines.append(line)
            self._messages += line.kind == "said"
            if line.kind in PASSING:
                self._leave_out_long_run()
            if line.kind in folding.CHANGES:
                self._lines = [folding.changed(each, line) for each in self._lines]
            self._last = line.seq
        while self._messages > NEWEST_MESSAGES:
            self._forget_first_message()
        if len(self._lines) > MAX_LINES:
            self._forget_until(len(self._lines) - MAX_LINES)

    def excerpt(self) -> Excerpt:
        """Return the newest messages and the lines among them."""
        return Excerpt(
            first=self._first,
            last=self._last,
            lines=list(self._lines),
            skipped=list(self._skipped),
        )

    def _leave_out_long_run(self):
        """Replace the passing lines at the end by a run, if they are many or continue one."""
        count = 1
        while count < len(self._lines) and self._lines[-count - 1].kind in PASSING:
            count += 1
        runs = [_run_of(line) for line in self._lines[-count:]]
        if self._skipped and self._skipped[-1].last == runs[0].first - 1:
            runs.insert(0, self._skipped.pop())
        elif count <= excerpts.SHORT_RUN:
            return
        del self._lines[-count:]
        self._skipped.append(
            Run(
                first=runs[0].first,
                last=runs[-1].last,
                entered=sum(run.entered for run in runs),
                left=sum(run.left for run in runs),
            )
        )

    def _forget_first_message(self):
        """Forget everything before the second message in memory."""
        second = [index for index, line in enumerate(self._lines) if line.kind == "said"][1]
        self._forget_until(second)

    def _forget_until(self, index):
        """Forget everything before the line at an index."""
        self._messages -= sum(line.kind == "said" for line in self._lines[:index])
        del self._lines[:index]
        self._first = self._lines[0].seq
        self._skipped = [run for run in self._skipped if run.first > self._first]


def _run_of(line: Line) -> Run:
    return Run(line.seq, line.seq, int(line.kind == "entered"), int(line.kind == "left"))
