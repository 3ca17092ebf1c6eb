"""The tables of the benchmark `fanout`."""

from statistics import median

from tests.benchmarks.participants import FAST, LEGACY, UNBATCHED, USUAL, WEB
from tests.benchmarks.report import against, count, in_range, middle, rows

# The shares of a core that are idle when the load is at its limit and the server is not.
LOAD_IDLE_AT_MOST, SERVER_IDLE_AT_LEAST = 0.05, 0.03


def tables(result):
    yield from _rounds_table(result)
    yield from _ratios_table(result)
    yield from _crowd_table(result)
    yield from _sizes_table(result)
    yield from _rates_table(result)


def _rounds_table(result):
    rounds, flights = result["rounds"], [str(n) for n in FAST]
    base = middle(rounds[USUAL]["16"])
    yield (
        f"{result['members']} members in one room. Each candidate ran on one core, the load on "
        f"another. Figures are medians of {len(rounds[USUAL]['16'])} rounds (the mean of two), "
        "with the range in brackets. The ratio is to the usual consumer on Daphne with 16 in "
        "flight. All members stay from the first round to the last, and answer pings while others "
        "have their turn. ≥ means that the load was at its limit, while the candidate's core was "
        "not."
    )
    yield ""
    yield from rows(
        [
            *("candidate", *(f"deliveries/s, {n} in flight" for n in flights)),
            *("ratio", "p50 / p99 at 16", "server, load at 16"),
        ],
        [
            [
                name,
                *(_delivered(each[n]) if n in each else "" for n in flights),
                against(middle(each["16"]), base),
                _latency(each["16"]),
                _shares(each["16"]),
            ]
            for name, each in rounds.items()
        ],
    )
    for name, reason in result["absent"].items():
        yield ""
        yield f"Left out: {name} ({reason})."


def _delivered(rounds):
    """Return deliveries a second, with ≥ where the load was at its limit and the server not."""
    rates = in_range([each["deliveries"] for each in rounds])
    load, server = (median(each["idle"][name] for each in rounds) for name in ("load", "server"))
    bounded = load < LOAD_IDLE_AT_MOST and server > SERVER_IDLE_AT_LEAST
    return f"≥ {rates}" if bounded else rates


def _latency(rounds):
    if not middle(rounds, "messages"):
        return ""  # in a quick run of a slow server no message has reached everybody
    return f"{middle(rounds, 'latency_p50'):.0f} / {middle(rounds, 'latency_p99'):.0f} ms"


def _shares(rounds):
    return f"{middle(rounds, 'server'):.0%}, {middle(rounds, 'client'):.0%}"


def _ratios_table(result):
    rounds = result["rounds"]
    ours = {"web": rounds[WEB], "legacy": rounds[LEGACY]}
    flights = [str(n) for n in FAST]
    yield ""
    yield "Deliveries of this site, saved in SQLite, as a multiple of the other's:"
    yield ""
    yield from rows(
        ["compared with", *(f"{wire}, {n} in flight" for n in flights for wire in ours)],
        [
            [
                name,
                *(
                    against(middle(each[n]), middle(peer[n])) if n in peer else ""
                    for n in flights
                    for each in ours.values()
                ),
            ]
            for name, peer in rounds.items()
            if not name.startswith("this site")
        ],
    )


def _crowd_table(result):
    crowd = result["crowd"]
    limit = middle(crowd[UNBATCHED]["1"])
    yield ""
    yield (
        f"{result['crowd_members']:,} members and one message in flight, so that there is nothing "
        "to batch; ≥ as above:"
    )
    yield ""
    yield from rows(
        ["candidate", "deliveries/s", "of the bare loop", "p50 / p99", "server, load"],
        [
            [
                name,
                _delivered(each["1"]),
                f"{middle(each['1']) / limit:.2f}",
                _latency(each["1"]),
                _shares(each["1"]),
            ]
            for name, each in crowd.items()
        ],
    )


def _sizes_table(result):
    flights = next(iter(result["sizes"]["web"].values()))
    yield ""
    yield "This site by itself (SQLite), deliveries/s and p50 / p99 to the last receiver:"
    yield ""
    yield from rows(
        ["port, members", *(f"{n} in flight" for n in flights)],
        [
            [
                f"{wire}, {int(members):,}",
                *(
                    f"{count(phase['deliveries'])}; {phase['latency_p50']:.0f} / "
                    f"{phase['latency_p99']:.0f} ms"
                    for phase in phases.values()
                ),
            ]
            for wire, sizes in result["sizes"].items()
            for members, phases in sizes.items()
        ],
    )


def _rates_table(result):
    yield ""
    yield "At a steady rate:"
    yield ""
    yield from rows(
        ["port, members", "messages/s", "p50 / p99 to the last receiver", "server"],
        [
            [
                f"{wire}, {int(members):,}",
                str(each["rate"]),
                f"{each['latency_p50']:.1f} / {each['latency_p99']:.1f} ms",
                f"{each['server']:.0%} of a core",
            ]
            for wire, sizes in result["rates"].items()
            for members, each in sizes.items()
        ],
    )
