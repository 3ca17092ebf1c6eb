"""Deliveries a second and their latency, beside the peers in the same rounds.

A delivery is one message that one member receives. In flight is how many speak, each with one
message under way that it has not heard itself yet. The latency is from the say to the last
receiver.
"""

import subprocess
from contextlib import ExitStack, suppress
from statistics import median

from tests.benchmarks import peers
from tests.benchmarks.candidates import Bare, Site, Unsaved, Usual
from tests.benchmarks.report import against, count, in_range, middle, rows
from tests.benchmarks.running import AT_ONCE, Crowd
from tests.support.services import Redis

MEMBERS = 500
FAST, SLOW, SLOWEST = (8, 16, 64), (8, 16), (16,)  # in flight
CROWD = 2000
SIZES = (100, 500, 2000, 5000)
AGAINST_ALL = (1, 8, 16, 64)
RATES = {100: 100, 500: 40, 2000: 10}  # messages a second, by the number of members
DOORS = {"web": "web", "lines": "legacy"}  # of this site, by the wire
NONE_LEFT, SOME_LEFT = 0.05, 0.03  # shares of a core that had nothing to do
FAILURES = (AssertionError, RuntimeError, OSError, subprocess.SubprocessError)

USUAL = "usual Channels consumer, Daphne, in memory"
USUAL_ON_REDIS = "usual Channels consumer, Daphne, Redis"
WEB = "this site, web, SQLite"
LEGACY = "this site, legacy, SQLite"
ON_POSTGRESQL = "this site, web, PostgreSQL and Redis", "this site, legacy, PostgreSQL and Redis"
ON_REDIS = USUAL_ON_REDIS, "usual Channels consumer, uvicorn, Redis"
UNSAVED = "this site, web, nothing saved"
BATCHED = "bare uvloop loop, batched"
UNBATCHED = "bare uvloop loop, a write each"
PROSODY, EJABBERD = "Prosody, archive", "ejabberd, archive"
NGIRCD, ORIGINAL = "ngircd", "the original server"
OF_OTHERS = {PROSODY, EJABBERD, NGIRCD, ORIGINAL}
QUICK = (WEB, LEGACY, UNSAVED, USUAL, BATCHED)
HASTE = 2  # seconds that a slow server may take then, instead of `load.LONGEST`


def field(plan):
    """{name: (make, what is in flight)} of all who take part."""
    saved, bus = plan.services, plan.bus
    everybody = {
        WEB: (lambda: Site(), FAST),
        LEGACY: (lambda: Site(wire="lines"), FAST),
        UNSAVED: (lambda: Unsaved(), FAST),
        "this site, web, PostgreSQL and Redis": (lambda: Site(**saved()), FAST),
        "this site, legacy, PostgreSQL and Redis": (lambda: Site(wire="lines", **saved()), FAST),
        "this site, web, runserver (Daphne), SQLite": (lambda: Site("runserver"), FAST),
        USUAL: (lambda: Usual("daphne"), SLOWEST),
        "usual Channels consumer, uvicorn, in memory": (lambda: Usual("uvicorn"), SLOWEST),
        USUAL_ON_REDIS: (lambda: Usual("daphne", **bus()), SLOWEST),
        "usual Channels consumer, uvicorn, Redis": (lambda: Usual("uvicorn", **bus()), SLOWEST),
        BATCHED: (lambda: Bare("--batched"), FAST),
        UNBATCHED: (lambda: Bare(""), FAST),
        ORIGINAL: (lambda: peers.Original(plan.original), FAST),
        NGIRCD: (peers.Ngircd, FAST),
        PROSODY: (peers.Prosody, SLOW),
        EJABBERD: (peers.Ejabberd, SLOW),
    }
    if plan.quick:
        alone = dict.fromkeys(_crowd(), (1,))
        return {
            name: (make, alone.get(name, ()) + (SLOWEST if name in QUICK else ()))
            for name, (make, _) in everybody.items()
            if name in alone or name in QUICK
        }
    return {name: each for name, each in everybody.items() if name not in absent(plan)}


def absent(plan):
    """{name: why} of those that are not here; a quick run has few, and misses nobody."""
    if plan.quick:
        return {}
    needs = {
        ORIGINAL: (plan.original, "no --original given"),
        NGIRCD: (peers.Ngircd.available(), "Debian's ngircd is not installed"),
        PROSODY: (peers.Prosody.available(), "Debian's prosody is not installed"),
        EJABBERD: (peers.Ejabberd.available(), "Debian's ejabberd is not installed"),
    }
    for name in ON_POSTGRESQL:
        needs[name] = plan.has_services, "PostgreSQL or Redis is not installed"
    for name in ON_REDIS:
        needs[name] = Redis.available(), "Redis is not installed"
    return {name: why for name, (here, why) in needs.items() if not here}


def measure(plan):
    """Rounds in which all take turns; then this site alone, with other crowds."""
    rounds, failed = take_turns(plan, field(plan), MEMBERS)
    if plan.quick:
        crowd_members = MEMBERS
        crowd = {name: {"1": rounds[name].pop("1")} for name in _crowd()}
        rounds = {name: flights for name, flights in rounds.items() if flights}
    else:
        crowd_members = CROWD
        crowd, _ = take_turns(plan, _crowd(), CROWD)
    sizes, rates = _alone(plan)
    return {
        "members": MEMBERS,
        "rounds": rounds,
        "absent": absent(plan) | failed,
        "crowd_members": crowd_members,
        "crowd": crowd,
        "sizes": sizes,
        "rates": rates,
    }


def _crowd():
    """Who is compared where there is nothing to batch."""
    return {
        WEB: (lambda: Site(), [1]),
        LEGACY: (lambda: Site(wire="lines"), [1]),
        UNBATCHED: (lambda: Bare(""), [1]),
    }


def take_turns(plan, candidates, members):
    """({name: {in flight: [what the load reports, a round each]}}, {name: why it failed}).

    All keep their members from the first round to the last, and those whose turn it is not answer
    pings. Who fails takes no part. Raises, however, what a candidate of this project fails by.
    """
    results = {name: {str(n): [] for n in flights} for name, (_, flights) in candidates.items()}
    crowds, ends, failed = {}, {}, {}

    def attempt(name, doing, job):
        plan.say(f"{members} members, {doing}: {name}")
        try:
            job(name)
        except FAILURES as error:
            if name not in OF_OTHERS:
                raise
            plan.say(f"{name} is left out: {error}")
            failed[name] = str(error).partition("\n")[0]
            del results[name]
            if name in ends:
                end(name)

    def enter(name):
        make, _ = candidates[name]
        with ExitStack() as own:
            candidate = own.enter_context(make())
            crowds[name] = own.enter_context(Crowd(candidate, members))
            ends[name] = own.pop_all()
            stack.callback(end, name)

    def end(name):
        with suppress(*(FAILURES if name in OF_OTHERS else ())):
            ends[name].close()

    def speak(name):
        phase = {"seconds": plan.seconds} | ({"longest": HASTE} if plan.quick else {})
        for n, reports in results[name].items():
            reports.append(crowds[name].phase(in_flight=int(n), **phase))

    with ExitStack() as stack:
        for name in candidates:
            attempt(name, "coming in", enter)
        for turn in range(plan.rounds):
            for name in list(results):
                attempt(name, f"round {turn + 1} of {plan.rounds}", speak)
    return results, failed


def _alone(plan):
    """This site by itself: {wire: {members: {in flight: report}}}, {wire: {members: report}}.

    The second is at a steady pace.
    """
    sizes, rates = {}, {}
    first, *others = SIZES[1:2] if plan.quick else SIZES
    for wire, door in DOORS.items():
        sizes[wire], rates[wire] = {}, {}
        plan.say(f"{first} members, {door}")
        with Site(wire=wire) as site, Crowd(site, first, most=SIZES[-1]) as crowd:
            _measure_size(plan, crowd, first, sizes[wire], rates[wire])
            for members in others:
                plan.say(f"{members} members, {door}")
                crowd.grow(members, max(AT_ONCE, members // 10))
                _measure_size(plan, crowd, members, sizes[wire], rates[wire])
    return sizes, rates


def _measure_size(plan, crowd, members, sizes, rates):
    sizes[str(members)] = {
        str(n): crowd.phase(in_flight=n, seconds=min(plan.seconds, 1)) for n in AGAINST_ALL
    }
    if rate := RATES.get(members):
        report = crowd.phase(rate=rate, seconds=2 if plan.quick else 5)
        rates[str(members)] = {"rate": rate, **report}


# What the tables say


def tables(result):
    yield from _field_table(result)
    yield from _ratios_table(result)
    yield from _crowd_table(result)
    yield from _sizes_table(result)
    yield from _rates_table(result)


def _field_table(result):
    field, flights = result["rounds"], [str(n) for n in FAST]
    base = middle(field[USUAL]["16"])
    yield (
        f"{result['members']} members, one room; each candidate on one core, the load on another; "
        f"medians of {len(field[USUAL]['16'])} rounds (of two the mean), in brackets the range. "
        "The ratio is to the usual consumer on Daphne at 16 in flight. All stay from the first "
        "round to the last; who has no turn answers pings. With ≥ it was the load that could do no "
        "more: the candidate's core had something left."
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
            for name, each in field.items()
        ],
    )
    for name, why in result["absent"].items():
        yield ""
        yield f"Left out: {name} ({why})."


def _delivered(rounds):
    """Deliveries a second; at least so many where the load was at its end, and the server not."""
    rates = in_range([each["deliveries"] for each in rounds])
    load, server = (median(each["idle"][whose] for each in rounds) for whose in ("load", "server"))
    bounded = load < NONE_LEFT and server > SOME_LEFT
    return f"≥ {rates}" if bounded else rates


def _latency(rounds):
    if not middle(rounds, "messages"):
        return ""  # none has come to an end in a quick run's time
    return f"{middle(rounds, 'latency_p50'):.0f} / {middle(rounds, 'latency_p99'):.0f} ms"


def _shares(rounds):
    return f"{middle(rounds, 'server'):.0%}, {middle(rounds, 'client'):.0%}"


def _ratios_table(result):
    """This site beside each of the others, in the same rounds."""
    field = result["rounds"]
    ours = {"web": field[WEB], "legacy": field[LEGACY]}
    flights = [str(n) for n in FAST]
    yield ""
    yield "How many times as much this site delivers, saved in SQLite:"
    yield ""
    yield from rows(
        ["than", *(f"{door}, {n} in flight" for n in flights for door in ours)],
        [
            [
                name,
                *(
                    against(middle(each[n]), middle(peer[n])) if n in peer else ""
                    for n in flights
                    for each in ours.values()
                ),
            ]
            for name, peer in field.items()
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
    yield ""
    yield "This site by itself (SQLite), deliveries/s and p50 / p99 to the last receiver:"
    yield ""
    yield from rows(
        ["door, members", *(f"{n} in flight" for n in AGAINST_ALL)],
        [
            [
                f"{DOORS[wire]}, {int(members):,}",
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
    yield "At a steady pace:"
    yield ""
    yield from rows(
        ["door, members", "messages/s", "p50 / p99 to the last receiver", "server"],
        [
            [
                f"{DOORS[wire]}, {int(members):,}",
                str(each["rate"]),
                f"{each['latency_p50']:.1f} / {each['latency_p99']:.1f} ms",
                f"{each['server']:.0%} of a core",
            ]
            for wire, sizes in result["rates"].items()
            for members, each in sizes.items()
        ],
    )
