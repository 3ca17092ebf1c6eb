"""The figures of each scenario, for the table in tests/faults/README.md."""

from dataclasses import dataclass, field
from statistics import median

# Beside other tests on the same cores: how many times slower, and the shortest limit in seconds, as
# each process may get no processor for ten seconds.
BESIDE_OTHERS, STARVED = 4, 30
COLUMNS = ("fault", "load", "lost", "doubled", "time to recover")


@dataclass
class Figures:
    """A row of the table: the fault, the load, the losses, and the time to recover."""

    fault: str
    clients: int = 0
    messages: int = 0
    lost: int | None = None  # until the judge has counted
    doubled: int | None = None
    recovered: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, text):
        """Add to the last column."""
        self.notes.append(text)

    @property
    def cells(self):
        load = f"{self.clients:,} clients, {self.messages:,} messages"
        recovered = "; ".join(filter(None, [self.recovered, *self.notes]))
        judged = ["not judged" if n is None else str(n) for n in (self.lost, self.doubled)]
        return self.fault, load, *judged, recovered


def table(rows):
    """Return the table as lines of Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(figures.cells for figures in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def allowed(seconds, full):
    """Return a limit for a time: with `--full` nothing else runs, otherwise other tests do."""
    return seconds if full else max(seconds * BESIDE_OTHERS, STARVED)


def percentile_99(seconds):
    """Return the time that 99 of 100 durations stay below.

    Scenarios do not judge the longest: the clients run on the servers' cores, and may themselves
    be late once.
    """
    ordered = sorted(seconds)
    return ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]


def spread(seconds):
    """Return the median and the 99th percentile of durations as text."""
    if not seconds:
        return "nothing"
    return f"{median(seconds) * 1000:.0f} / {percentile_99(seconds) * 1000:.0f} ms (p50 / p99)"


def note_recovery(figures, crowd, moment):
    """Write down how soon everybody had reconnected after a fault."""
    if back := crowd.back_after(moment):
        figures.recovered = f"{len(back)} clients back after {max(back):.1f} s at most"
    durations = [message.duration for message in crowd.acknowledged(moment)]
    figures.note(f"a line takes {spread(durations)}")
