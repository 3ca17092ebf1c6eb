"""The cost of a connection: memory while idle, and time to enter, in turn or all at once."""

from tests.benchmarks.candidates import DAPHNE_AT_ONCE, BareLoop, SiteCandidate, UsualChat
from tests.benchmarks.report import count, rows
from tests.benchmarks.running import LoadProcess, load_on

FEW_CONNECTIONS, MANY_CONNECTIONS = 1_000, 10_000  # connections
QUICK_CONNECTIONS = 200
MEMBERS_AT_ONCE, QUICK_MEMBERS_AT_ONCE = 1_000, 200  # members that enter all at once

WEB, LEGACY = "this site, web, serve", "this site, legacy, serve"
CANDIDATES = {
    WEB: lambda: SiteCandidate(),
    LEGACY: lambda: SiteCandidate(wire="legacy"),
    "this site, web, runserver": lambda: SiteCandidate("runserver"),
    "usual Channels consumer, Daphne": lambda: UsualChat("daphne"),
    "bare uvloop loop": lambda: BareLoop(""),
}
FULLY_MEASURED = (WEB, LEGACY)  # also with `MANY_CONNECTIONS`


def measure(plan):
    """Return {"idle": {name: {members: entry}}, "crowd": {name: entry}}."""
    idle = {name: {} for name in (FULLY_MEASURED if plan.quick else CANDIDATES)}
    few = QUICK_CONNECTIONS if plan.quick else FEW_CONNECTIONS
    for name, entries in idle.items():
        plan.say(f"{few} connections: {name}")
        most = MANY_CONNECTIONS if name in FULLY_MEASURED and not plan.quick else few
        with (
            CANDIDATES[name]() as candidate,
            LoadProcess(candidate, few, most=most, at_once=max(few // 10, 1)) as load,
        ):
            entries[str(few)] = load.entry
            if most > few:
                plan.say(f"{most} connections: {name}")
                load.grow(most, most // 10)
                entries[str(most)] = load.entry
    together = QUICK_MEMBERS_AT_ONCE if plan.quick else MEMBERS_AT_ONCE
    crowd = {}
    for name in FULLY_MEASURED:
        plan.say(f"{together} at once: {name}")
        with CANDIDATES[name]() as candidate:
            crowd[name], _ = load_on(candidate, together, [], at_once=together)
    return {"idle": idle, "crowd": crowd}


def tables(result):
    yield (
        f"A tenth of the connections are made at the same time ({DAPHNE_AT_ONCE} under Daphne, "
        "as runserver and the usual consumer are, because its backlog is short). Each of them "
        f"enters the room, which everybody is told. The row of {MANY_CONNECTIONS:,} is that of the "
        f"members who enter after the first {FEW_CONNECTIONS:,}. Memory is what the process has "
        "grown by."
    )
    yield ""
    yield from rows(
        ["candidate", "connections", "KB each, idle", "entered a second", "the server's time"],
        [
            [
                name,
                count(int(members)),
                f"{entry['bytes_each'] / 1024:.0f}",
                count(entry["members"] / entry["seconds"]),
                _time_each(entry),
            ]
            for name, each in result["idle"].items()
            for members, entry in each.items()
        ],
    )
    yield ""
    yield "All at once, as after a restart:"
    yield ""
    yield from rows(
        ["candidate", "members", "until all had entered", "the server's time"],
        [
            [
                name,
                count(entry["members"]),
                f"{entry['seconds']:.1f} s",
                _time_each(entry),
            ]
            for name, entry in result["crowd"].items()
        ],
    )


def _time_each(entry):
    return f"{1000 * entry['server_cpu_seconds'] / entry['members']:.2f} ms each"
