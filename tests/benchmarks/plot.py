"""Draws the deliveries of all candidates as an SVG."""

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

from tests.benchmarks.report import middle

OURS, THEIRS, LIMITS = "#2f6f4f", "#9a9a9a", "#c9b458"
IN_FLIGHT = "16"


def draw(fanout, path):
    """Draw a bar for each candidate at 16 in flight, on a logarithmic scale, with its range."""
    bars = sorted(
        (middle(rounds), *extremes(rounds), name)
        for name, flights in fanout["rounds"].items()
        if (rounds := flights.get(IN_FLIGHT))
    )
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "chatsite"})
    figure, axes = pyplot.subplots(figsize=(9, 0.4 * len(bars) + 1.2), layout="constrained")
    figure.patch.set_facecolor("white")
    middles = [bar[0] for bar in bars]
    names = [name for *_, name in bars]
    drawn = axes.barh(
        names,
        middles,
        xerr=[[m - low for m, low, _, _ in bars], [high - m for m, _, high, _ in bars]],
        color=[colour(name) for name in names],
        error_kw={"ecolor": "#444", "capsize": 2, "elinewidth": 1},
    )
    axes.bar_label(drawn, [f"{value:,.0f}" for value in middles], padding=6, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(min(middles) / 2, max(middles) * 4)
    axes.set_xlabel(f"deliveries per second, {fanout['members']} members, {IN_FLIGHT} in flight")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def extremes(rounds):
    """Return the lowest and the highest deliveries a second."""
    rates = [each["deliveries"] for each in rounds]
    return min(rates), max(rates)


def colour(name):
    if name.startswith("this site"):
        return OURS
    return LIMITS if name.startswith("bare") else THEIRS
