"""The targets, and what was reached in this run."""

from statistics import median

from tests.benchmarks import (
    connections,
    history,
    indexing,
    moderation,
    participants,
    room_tables,
    scrolling,
    search,
)
from tests.benchmarks.report import middle, rows


def tables(results):
    """Yield one row for each target whose figures were measured."""
    found = []
    for name, describe in (
        ("fanout", _fanout),
        ("connections", _connections),
        ("saving", _saving),
        ("history", _history),
        ("processes", _processes),
        ("across", _across),
        ("page", _page),
        ("rooms", _rooms),
        ("attacks", _attacks),
        ("moderation", _moderation),
        ("migrating", _migrating),
        ("search", _search),
        ("indexing", _indexing),
        ("scrolling", _scrolling),
    ):
        if name in results:
            found += describe(results[name])
    yield from rows(["what", "aim", "reached"], found)


def _fanout(result):
    rounds, crowd, rates = result["rounds"], result["crowd"], result["rates"]
    at_16 = {name: middle(flights["16"]) for name, flights in rounds.items()}
    usual, unsaved = at_16[participants.USUAL], at_16[participants.UNSAVED]
    web, legacy = at_16[participants.WEB], at_16[participants.LEGACY]
    times = f"{web / usual:.0f} times"
    if on_redis := at_16.get(participants.USUAL_ON_REDIS):
        times += f" ({web / on_redis:.0f} with its Redis layer)"
    yield [
        "web, 500 members, 16 in flight, saved in SQLite",
        "150 times the usual consumer on Daphne; 0.75 of the same unsaved",
        f"{times}; {web / unsaved:.2f}",
    ]
    archives = [name for name in (participants.PROSODY, participants.EJABBERD) if name in rounds]
    if archives:
        best = max(middle(rounds[name]["8"]) for name in archives)
        web_at_8, legacy_at_8 = (
            middle(rounds[n]["8"]) for n in (participants.WEB, participants.LEGACY)
        )
        yield [
            "web, legacy, 500 members, 8 in flight, saved",
            "12 times Prosody and ejabberd with their archives",
            f"web {web_at_8 / best:.0f}, legacy {legacy_at_8 / best:.0f} times the better of them",
        ]
    others = {participants.ORIGINAL: "the original", participants.BATCHED: "the batched loop"}
    yield [
        "legacy, 500 members, 16 in flight, saved",
        "the original server, which saves nothing; 0.5 of the batched loop",
        "; ".join(
            f"{legacy / at_16[name]:.2f} of {called}"
            for name, called in others.items()
            if name in rounds
        ),
    ]
    paced = rates["web"]["500"]
    yield [
        "web, 500 members, 40 messages/s",
        "99 % within 25 ms, under half a core",
        f"{paced['latency_p99']:.0f} ms, {paced['server']:.2f} of a core",
    ]
    alone = {name: middle(flights["1"]) for name, flights in crowd.items()}
    limit = alone[participants.UNBATCHED]
    yield [
        "a crowd, one message in flight, legacy and web",
        "0.8 and 0.5 of the loop with a write each",
        f"{alone[participants.LEGACY] / limit:.2f} and {alone[participants.WEB] / limit:.2f}",
    ]


def _connections(result):
    web, legacy = (
        max(entry["bytes_each"] for entry in result["idle"][name].values()) / 1024
        for name in connections.FULLY_MEASURED
    )
    most = max(int(members) for members in result["idle"][connections.WEB])
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
    pages = [row for row in result["rows"] if row["query"] in history.PAGES]
    longest = max(row["lines"] for row in pages)
    of_longest = [row for row in pages if row["lines"] == longest]
    databases = " and ".join(dict.fromkeys(row["database"] for row in of_longest))
    yield [
        f"a page of history of {longest:,} lines, {databases}",
        "1.5 times the time with 10,000",
        f"{max(row['ratio'] for row in of_longest):.2f}",
    ]


def _processes(result):
    one, two = result["rounds"]["1"], result["rounds"]["2"]
    yield [
        "two processes beside the load on two cores",
        "1.5 times one process",
        ", ".join(
            f"{middle(two[flight]) / middle(one[flight]):.2f} with {flight} in flight"
            for flight in two
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


def _attacks(result):
    worst = max(result["attacks"], key=lambda name: result["attacks"][name]["p99"])
    yield [
        "a calm member during each attack from one address, from saying a line to its own line",
        f"99 % within {1000 * result['target']:.0f} ms",
        f"{1000 * result['attacks'][worst]['p99']:.0f} ms, with {worst}",
    ]


def _rooms(result):
    aims, sizes = result["targets"], result["sizes"]
    yield [
        f"deliveries/s, {sizes['speaking']} speakers in as many rooms",
        f"{aims['deliveries']} of those of as many in one room",
        f"{room_tables.talk_ratio(result):.2f}",
    ]
    for engine, rates in result["saved"].items():
        yield [
            f"messages saved a second over {sizes['speaking']} rooms, {engine}",
            f"{aims['saved'][engine]} of those in one room",
            f"{room_tables.saved_ratio(rates):.2f}",
        ]
    yield [
        f"memory of an idle web connection with {sizes['rooms_each']} rooms",
        f"{aims['memory']} KB",
        f"{result['talk']['entry']['bytes_each'] / 1024:.0f} KB",
    ]
    for engine, row in result["unread"].items():
        yield [
            f"unread of {sizes['unread_members']:,} members, {sizes['unread_lines']:,} lines,"
            f" {engine}",
            f"{aims['unread'][engine]} s",
            f"{median(row['unread']):.2f} s",
        ]
    yield [
        f"joining a site with {sizes['large_rooms']:,} rooms; signing up there",
        f"{aims['large']} times as long as with one room",
        " and ".join(
            f"{room_tables.large_ratio(result, what):.2f}" for what in ("enter", "sign up")
        ),
    ]


def _search(result):
    for row in result["rows"]:
        where = f"{row['database']}, {result['lines']:,} lines"
        yield [
            f"95 % of the searches, {where}",
            f"{search.LONGEST} ms",
            f"{search.p95(row):.0f} ms",
        ]


def _indexing(result):
    for row in result["rows"]:
        ratios = (f"{indexing.ratio(ways):.2f}" for ways in row["saved"].values())
        yield [
            f"saving with the index kept, {row['database']}",
            f"{indexing.LEAST_RATIO} of saving without it; {indexing.LARGEST_LAG} s behind at most",
            f"{' and '.join(ratios)}; {max(row['lags']):.1f} s",
        ]


def _scrolling(result):
    for way, figures in result["ways"].items():
        script, _ = scrolling.longest_script(figures)
        yield [
            f"scrolling through {result['lines']:,} lines, {way}",
            f"no task of ours over {result['target']} ms",
            f"{script:.0f} ms in our scripts; {len(figures['tasks'])} long tasks with the "
            f"browser's layout, the longest {scrolling.longest(figures):.0f} ms",
        ]


def _moderation(result):
    yield [
        f"saving and fan-out with {result['sanctions']:,} sanctions",
        f"{moderation.LEAST_RATIO} of the same without",
        f"{min(median(moderation.ratios(ways)) for ways in result['rates'].values()):.2f} or more",
    ]


def _migrating(result):
    for row in result["rows"]:
        yield [
            f"a database of the version before with {row['lines']:,} lines, {row['database']}",
            f"migrates within {result['target']} s",
            f"{row['seconds']:.0f} s",
        ]
