"""How figures are written: tables in Markdown."""

from statistics import median


def middle(rounds, what="deliveries"):
    """The median of one figure of what the load reported in each round."""
    return median(each[what] for each in rounds)


def rows(columns, cells):
    """A table: its head, and its cells, row by row."""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join(['---'] * len(columns))} |"
    for row in cells:
        yield f"| {' | '.join(row)} |"


def count(number):
    return f"{number:,.0f}"


def in_range(values):
    """The median and, of several, the range."""
    if not values:
        return ""
    if len(values) == 1:
        return count(values[0])
    return f"{count(median(values))} ({count(min(values))} to {count(max(values))})"


def against(value, base):
    """A ratio, with as many places as say something."""
    ratio = value / base
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
