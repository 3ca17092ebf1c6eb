"""Deliveries a second and their latency, of this site and of other servers, in the same rounds.

A delivery is one message that one member receives. In flight is the number of members who speak at
the same time. Each of them waits for its own message before it says the next. The latency is from
saying a message to its last receiver.
"""

import subprocess
from contextlib import ExitStack, suppress

from tests.benchmarks import fanout_tables
from tests.benchmarks.candidates import SiteCandidate
from tests.benchmarks.participants import (
    OTHER_SERVERS,
    absent,
    present_candidates,
    unbatched_candidates,
)
from tests.benchmarks.running import AT_ONCE, LoadProcess

MEMBERS = 500
CROWD = 2000  # members of the measurement with nothing to batch
SIZES = (100, 500, 2000, 5000)  # members of this site alone
QUICK_SIZES = (500,)
IN_FLIGHT = (1, 8, 16, 64)
RATES = {100: 100, 500: 40, 2000: 10}  # messages a second, by the number of members
RATE_SECONDS, QUICK_RATE_SECONDS = 5, 2  # at a steady rate
QUICK_LONGEST = 2  # seconds that a slow server may take in a quick run
FAILURES = (AssertionError, RuntimeError, OSError, subprocess.SubprocessError)

tables = fanout_tables.tables


def measure(plan):
    """Measure all candidates in turn, and then this site alone with other numbers of members."""
    rounds, failed = take_turns(plan, present_candidates(plan), MEMBERS)
    if plan.quick:
        crowd_members = MEMBERS
        crowd_rounds = {name: {"1": rounds[name].pop("1")} for name in unbatched_candidates()}
        rounds = {name: flights for name, flights in rounds.items() if flights}
    else:
        crowd_members = CROWD
        crowd_rounds, _ = take_turns(plan, unbatched_candidates(), CROWD)
    sizes, rates = measure_alone(plan)
    return {
        "members": MEMBERS,
        "rounds": rounds,
        "absent": absent(plan) | failed,
        "crowd_members": crowd_members,
        "crowd": crowd_rounds,
        "sizes": sizes,
        "rates": rates,
    }


def take_turns(plan, candidates, members):
    """Let candidates take turns in all rounds.

    Returns ({name: {in flight: [report of each round]}}, {name: reason of its failure}). The
    members of all candidates stay from the first round to the last, and answer pings while another
    candidate has its turn. If a server of another project fails, it is left out. If a candidate of
    this project fails, the error is raised.
    """
    results = {name: {str(n): [] for n in flights} for name, (_, flights) in candidates.items()}
    loads, ends, failed = {}, {}, {}

    def attempt(name, doing, job):
        plan.say(f"{members} members, {doing}: {name}")
        try:
            job(name)
        except FAILURES as error:
            if name not in OTHER_SERVERS:
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
            loads[name] = own.enter_context(LoadProcess(candidate, members))
            ends[name] = own.pop_all()
            stack.callback(end, name)

    def end(name):
        with suppress(*(FAILURES if name in OTHER_SERVERS else ())):
            ends[name].close()

    def speak(name):
        options = {"seconds": plan.seconds} | ({"longest": QUICK_LONGEST} if plan.quick else {})
        for n, reports in results[name].items():
            reports.append(loads[name].phase(in_flight=int(n), **options))

    with ExitStack() as stack:
        for name in candidates:
            attempt(name, "entering", enter)
        for turn in range(plan.rounds):
            for name in backwards_in_turn(results, turn):
                attempt(name, f"round {turn + 1} of {plan.rounds}", speak)
    return results, failed


def backwards_in_turn(candidates, turn):
    """Return candidates as a list, backwards in every second round.

    Otherwise each would always follow the same other one.
    """
    return list(candidates)[:: -1 if turn % 2 else 1]


def measure_alone(plan):
    """Measure this site by itself, on both ports.

    Returns ({wire: {members: {in flight: report}}}, {wire: {members: report at a steady rate}}).
    """
    sizes, rates = {}, {}
    first, *others = QUICK_SIZES if plan.quick else SIZES
    for wire in ("web", "legacy"):
        sizes[wire], rates[wire] = {}, {}
        plan.say(f"{first} members, {wire}")
        with (
            SiteCandidate(wire=wire) as site,
            LoadProcess(site, first, most=max(first, *others, 0)) as load,
        ):
            measure_size(plan, load, first, sizes[wire], rates[wire])
            for members in others:
                plan.say(f"{members} members, {wire}")
                load.grow(members, max(AT_ONCE, members // 10))
                measure_size(plan, load, members, sizes[wire], rates[wire])
    return sizes, rates


def measure_size(plan, load, members, sizes, rates):
    """Add the reports of one number of members."""
    sizes[str(members)] = {
        str(n): load.phase(in_flight=n, seconds=min(plan.seconds, 1)) for n in IN_FLIGHT
    }
    if rate := RATES.get(members):
        seconds = QUICK_RATE_SECONDS if plan.quick else RATE_SECONDS
        report = load.phase(rate=rate, seconds=seconds)
        rates[str(members)] = {"rate": rate, **report}
