"""What each scenario measured, for the table in README.md."""

from dataclasses import dataclass, field
from statistics import median

HEAD = ("fault", "load", "lost", "doubled", "time to recover")


@dataclass
class Figures:
    """A row of the table: the fault in words, the load, what was lost, and for how long it hurt."""

    fault: str
    clients: int = 0
    messages: int = 0
    lost: int | None = None  # until it was judged
    doubled: int | None = None
    recovered: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, text):
        self.notes.append(text)

    @property
    def cells(self):
        load = f"{self.clients:,} clients, {self.messages:,} messages"
        recovered = "; ".join(filter(None, [self.recovered, *self.notes]))
        judged = ["not judged" if n is None else str(n) for n in (self.lost, self.doubled)]
        return self.fault, load, *judged, recovered


def table(rows):
    """The rows as Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *(figures.cells for figures in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def nearly_all(seconds):
    """What 99 of 100 durations stay under.

    The load runs on the same cores as the servers: a single late one may be the load's own.
    """
    ordered = sorted(seconds)
    return ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]


def spread(seconds):
    """Some durations in one phrase."""
    if not seconds:
        return "nothing"
    return f"{median(seconds) * 1000:.0f} / {nearly_all(seconds) * 1000:.0f} ms (p50 / p99)"
