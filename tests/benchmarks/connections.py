"""What a connection costs: memory while idle, and to come in, one after another or all at once."""

from tests.benchmarks.candidates import DAPHNE_AT_ONCE, Bare, Site, Usual
from tests.benchmarks.report import count, rows
from tests.benchmarks.running import Crowd, loaded

FEW, MANY = 1_000, 10_000
CROWD = 1_000

CANDIDATES = {
    "this site, web, serve": lambda: Site(),
    "this site, legacy, serve": lambda: Site(wire="lines"),
    "this site, web, runserver": lambda: Site("runserver"),
    "usual Channels consumer, Daphne": lambda: Usual("daphne"),
    "bare uvloop loop": lambda: Bare(""),
}
HELD = ("this site, web, serve", "this site, legacy, serve")


def measure(plan):
    """{"idle": {name: {members: entry}}, "crowd": {name: entry}}"""
    idle = {name: {} for name in (HELD if plan.quick else CANDIDATES)}
    few, together = (FEW // 5, CROWD // 5) if plan.quick else (FEW, CROWD)
    for name, entries in idle.items():
        plan.say(f"{few} connections: {name}")
        most = MANY if name in HELD and not plan.quick else few
        with (
            CANDIDATES[name]() as candidate,
            Crowd(candidate, few, most=most, at_once=few // 10) as crowd,
        ):
            entries[str(few)] = crowd.entry
            if most > few:
                plan.say(f"{most} connections: {name}")
                crowd.grow(most, most // 10)
                entries[str(most)] = crowd.entry
    crowd = {}
    for name in HELD:
        plan.say(f"{together} at once: {name}")
        with CANDIDATES[name]() as candidate:
            crowd[name], _ = loaded(candidate, together, [], at_once=together)
    return {"idle": idle, "crowd": crowd}


def tables(result):
    yield (
        f"Connections, a tenth of them at the door at a time ({DAPHNE_AT_ONCE} under Daphne, as "
        "runserver and the usual consumer are: its door has a short queue), each of them let into "
        f"the room, which all are told. {MANY:,} are {FEW:,} and those who came after them. Memory "
        "is what the process has grown by."
    )
    yield ""
    yield from rows(
        [
            "candidate",
            "connections",
            "KB each, idle",
            "came in, each second",
            "the server's time",
        ],
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
        ["candidate", "members", "until all were in", "the server's time"],
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
