"""The form of figures in the report, and tables in Markdown."""

from statistics import median


def middle(rounds, figure="deliveries"):
    """Return the median of one figure in the reports of all rounds."""
    return median(each[figure] for each in rounds)


def rows(columns, cells):
    """Yield the lines of a table."""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join(['---'] * len(columns))} |"
    for row in cells:
        yield f"| {' | '.join(row)} |"


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
