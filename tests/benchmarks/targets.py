"""What was aimed at, and what was reached in this run."""

from statistics import median

from tests.benchmarks import fanout
from tests.benchmarks.report import rows


def tables(results):
    """One row for each aim whose figures are there."""
    found = []
    for name, describe in (
        ("fanout", _fanout),
        ("connections", _connections),
        ("saving", _saving),
        ("history", _history),
        ("processes", _processes),
        ("across", _across),
        ("page", _page),
    ):
        if name in results:
            found += describe(results[name])
    yield from rows(["what", "aim", "reached"], [], found)


def _fanout(result):
    field, crowd, rates = result["rounds"], result["crowd"], result["rates"]

    def middle(name, flight):
        return median(each["deliveries"] for each in field[name][flight])

    usual, unsaved = middle(fanout.USUAL, "16"), middle(fanout.UNSAVED, "16")
    web, legacy = middle(fanout.WEB, "16"), middle(fanout.LEGACY, "16")
    yield [
        "web, 500 members, 16 in flight, saved in SQLite",
        "150 times the usual consumer on Daphne; 0.75 of the same unsaved",
        f"{web / usual:.0f} times; {web / unsaved:.2f}",
    ]
    archives = [name for name in (fanout.PROSODY, fanout.EJABBERD) if name in field]
    if archives:
        best = max(middle(name, "8") for name in archives)
        yield [
            "web, legacy, 500 members, 8 in flight, saved",
            "12 times Prosody and ejabberd with their archives",
            " and ".join(f"{middle(n, '8') / best:.0f}" for n in (fanout.WEB, fanout.LEGACY)),
        ]
    against = []
    if fanout.ORIGINAL in field:
        against.append(f"{legacy / middle(fanout.ORIGINAL, '16'):.2f}")
    against.append(f"{legacy / middle(fanout.BATCHED, '16'):.2f}")
    yield [
        "legacy, 500 members, 16 in flight, saved",
        "the original server, which saves nothing; 0.5 of the batched loop",
        "; ".join(against),
    ]
    paced = rates["web"]["500"]
    yield [
        "web, 500 members, 40 messages/s",
        "99 % within 25 ms, under half a core",
        f"{paced['latency_p99']:.0f} ms, {paced['server']:.2f} of a core",
    ]
    limit = median(each["deliveries"] for each in crowd[fanout.UNBATCHED]["1"])
    alone = {name: median(each["deliveries"] for each in crowd[name]["1"]) for name in crowd}
    yield [
        "a crowd, one message in flight, legacy and web",
        "0.8 and 0.5 of the loop with a write each",
        f"{alone[fanout.LEGACY] / limit:.2f} and {alone[fanout.WEB] / limit:.2f}",
    ]


def _connections(result):
    web, legacy = (
        max(entry["bytes_each"] for entry in result["idle"][name].values()) / 1024
        for name in ("this site, web, serve", "this site, legacy, serve")
    )
    most = max(int(members) for members in result["idle"]["this site, web, serve"])
    yield [
        "memory of an idle connection, web and legacy",
        "28 KB and 12 KB; 10,000 on one process",
        f"{web:.0f} KB and {legacy:.0f} KB; {most:,}",
    ]


def _saving(result):
    for database in sorted({row["database"] for row in result["saved"]}):
        ratios = [row["ratio"] for row in result["saved"] if row["database"] == database]
        speakers = [row["speakers"] for row in result["saved"] if row["database"] == database]
        yield [
            f"messages saved a second, {database}",
            "8 times `acreate()`",
            ", ".join(
                f"{ratio:.1f} with {number} speaking"
                for ratio, number in zip(ratios, speakers, strict=True)
            ),
        ]


def _history(result):
    longest = max(row["lines"] for row in result["rows"])
    yield [
        f"a page of history of {longest:,} lines",
        "1.5 times the time with 10,000",
        f"{result['pages_ratio']:.2f}",
    ]


def _processes(result):
    rounds = result["rounds"]

    def middle(number, flight):
        return median(each["deliveries"] for each in rounds[number][flight])

    yield [
        "two processes beside the load on two cores",
        "1.5 times one process",
        ", ".join(
            f"{middle('2', flight) / middle('1', flight):.2f} with {flight} in flight"
            for flight in rounds["2"]
        ),
    ]


def _across(result):
    yield [
        "from one process to members on another, 100 messages/s",
        "20 ms at the median",
        f"{result['another process']['p50']:.1f} ms",
    ]


def _page(result):
    if not result["skipped"]:
        weight = result["loads"]["first visit"]["bytes"] / 1024
        yield [
            "the room's page, a first visit",
            "60 KB over the wire, nothing from elsewhere",
            f"{weight:.0f} KB, {len(result['other_hosts'])} other hosts",
        ]
