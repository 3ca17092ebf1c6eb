"""The form of figures in the report, and tables in Markdown."""

from statistics import median

# The ratio of two versions in deliveries a second, and in deliveries for each second of the core.
RATIO_COLUMNS = ("ratio, round by round", "ratio by processor time")
LEAST_SHARE = 0.01  # of a core, which a phase of some milliseconds may not show


def middle(rounds, figure="deliveries"):
    """Return the median of one figure in the reports of all rounds."""
    return median(each[figure] for each in rounds)


def rows(columns, cells):
    """Yield the lines of a table."""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join(['---'] * len(columns))} |"
    for row in cells:
        yield f"| {' | '.join(row)} |"


def by_round(here, other):
    """Return the median and the range of the ratios of two lists of figures, round by round."""
    ratios = [mine / its for mine, its in zip(here, other, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def rates(rounds):
    """Return the deliveries a second in each round of fan-out."""
    return [each["deliveries"] for each in rounds]


def each_core_second(rounds):
    """Return the deliveries for each second of the server's processor time, in each round.

    Deliveries a second also depend on how long the disk takes, which is another time in each round.
    """
    return [each["deliveries"] / max(each["server"], LEAST_SHARE) for each in rounds]


def count(number):
    return f"{number:,.0f}"


def in_range(values):
    """Return the median and, for several values, the range."""
    if not values:
        return ""
    if len(values) == 1:
        return count(values[0])
    return f"{count(median(values))} ({count(min(values))} to {count(max(values))})"


def against(value, base):
    """Return a ratio with two significant digits below ten, and without decimals above."""
    ratio = value / base
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
