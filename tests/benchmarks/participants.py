"""The servers that take part in the benchmark `fanout`, by name."""

from tests.benchmarks import peers
from tests.benchmarks.candidates import BareLoop, SiteCandidate, UnsavedSite, UsualChat
from tests.support.services import Redis

FAST, SLOW, SLOWEST = (8, 16, 64), (8, 16), (16,)  # messages in flight, by how fast one is

WEB, LEGACY = "this site, web, SQLite", "this site, legacy, SQLite"
UNSAVED = "this site, web, nothing saved"
WEB_ON_POSTGRESQL = "this site, web, PostgreSQL and Redis"
LEGACY_ON_POSTGRESQL = "this site, legacy, PostgreSQL and Redis"
RUNSERVER = "this site, web, runserver (Daphne), SQLite"
USUAL = "usual Channels consumer, Daphne, in memory"
USUAL_UVICORN = "usual Channels consumer, uvicorn, in memory"
USUAL_ON_REDIS = "usual Channels consumer, Daphne, Redis"
USUAL_UVICORN_ON_REDIS = "usual Channels consumer, uvicorn, Redis"
BATCHED, UNBATCHED = "bare uvloop loop, batched", "bare uvloop loop, a write each"
PROSODY, EJABBERD = "Prosody, archive", "ejabberd, archive"
NGIRCD, ORIGINAL = "ngircd", "the original server"

OTHER_SERVERS = {PROSODY, EJABBERD, NGIRCD, ORIGINAL}  # a run goes on when one of these fails
QUICK = (WEB, LEGACY, UNSAVED, USUAL, BATCHED)  # in a quick run


def present_candidates(plan):
    """Return {name: (function that makes the candidate, messages in flight)}.

    Candidates that are not installed are left out.
    """
    candidates = all_candidates(plan)
    if plan.quick:
        unbatched = dict.fromkeys(unbatched_candidates(), (1,))
        return {
            name: (make, unbatched.get(name, ()) + (SLOWEST if name in QUICK else ()))
            for name, (make, _) in candidates.items()
            if name in unbatched or name in QUICK
        }
    return {name: each for name, each in candidates.items() if name not in absent(plan)}


def all_candidates(plan):
    """Return the same as `present_candidates` for all candidates, installed or not."""

    def usual(kind):
        return lambda: UsualChat(kind), SLOWEST

    def usual_on_redis(kind):
        return lambda: UsualChat(kind, **plan.bus()), SLOWEST

    return {
        WEB: (lambda: SiteCandidate(), FAST),
        LEGACY: (lambda: SiteCandidate(wire="legacy"), FAST),
        UNSAVED: (lambda: UnsavedSite(), FAST),
        WEB_ON_POSTGRESQL: (lambda: SiteCandidate(**plan.services()), FAST),
        LEGACY_ON_POSTGRESQL: (
            lambda: SiteCandidate(wire="legacy", **plan.services()),
            FAST,
        ),
        RUNSERVER: (lambda: SiteCandidate("runserver"), FAST),
        USUAL: usual("daphne"),
        USUAL_UVICORN: usual("uvicorn"),
        USUAL_ON_REDIS: usual_on_redis("daphne"),
        USUAL_UVICORN_ON_REDIS: usual_on_redis("uvicorn"),
        BATCHED: (lambda: BareLoop("--batched"), FAST),
        UNBATCHED: (lambda: BareLoop(""), FAST),
        ORIGINAL: (lambda: peers.Original(plan.original), FAST),
        NGIRCD: (peers.Ngircd, FAST),
        PROSODY: (peers.Prosody, SLOW),
        EJABBERD: (peers.Ejabberd, SLOW),
    }


def unbatched_candidates():
    """Return the candidates that are compared with one message in flight.

    Then there is nothing to batch.
    """
    return {
        WEB: (lambda: SiteCandidate(), [1]),
        LEGACY: (lambda: SiteCandidate(wire="legacy"), [1]),
        UNBATCHED: (lambda: BareLoop(""), [1]),
    }


def absent(plan):
    """Return {name: reason} of the candidates that are not installed. A quick run needs none."""
    if plan.quick:
        return {}
    needs = {
        ORIGINAL: (plan.original, "no --original given"),
        NGIRCD: (peers.Ngircd.available(), "Debian's ngircd is not installed"),
        PROSODY: (peers.Prosody.available(), "Debian's prosody is not installed"),
        EJABBERD: (peers.Ejabberd.available(), "Debian's ejabberd is not installed"),
    }
    for name in (WEB_ON_POSTGRESQL, LEGACY_ON_POSTGRESQL):
        needs[name] = plan.has_services, "PostgreSQL or Redis is not installed"
    for name in (USUAL_ON_REDIS, USUAL_UVICORN_ON_REDIS):
        needs[name] = Redis.available(), "Redis is not installed"
    return {name: reason for name, (present, reason) in needs.items() if not present}
