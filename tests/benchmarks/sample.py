"""Made-up results of a small run, for the tests of the tables."""

from tests.benchmarks import connections, history, participants, rooms

MACHINE = {"date": "2026-01-02", "cores": 2, "python": "3.11.1", "kernel": "6.1"}


def report(deliveries, **changes):
    """Return the report of one phase."""
    return {
        **{"deliveries": deliveries, "messages": 50, "in_a_read": 1, "told": 100},
        **{"latency_p50": 10, "latency_p99": 20, "server": 0.8, "client": 0.5},
        "idle": {"server": 0.1, "load": 0.4},
        **changes,
    }


def results():
    """Return the results of all benchmarks, in the shape of results.json."""
    return {
        "machine": MACHINE,
        "minutes": 3.2,
        "fanout": fanout(),
        "connections": connection_costs(),
        "saving": saving(),
        "history": pages(),
        "processes": processes(),
        "across": {
            "the same process": {"p50": 10, "p99": 20, "longest": 30},
            "another process": {"p50": 15.4, "p99": 25, "longest": 35},
        },
        "page": page(),
        "rooms": many_rooms(),
    }


def fanout():
    """Two rounds; the load was at its limit in those of the batched loop."""
    at_limit = {"idle": {"server": 0.2, "load": 0.01}}
    rounds = {
        participants.WEB: {"8": [report(600)], "16": [report(900), report(1_100)]},
        participants.LEGACY: {"8": [report(700)], "16": [report(1_200)]},
        participants.UNSAVED: {"16": [report(2_000)]},
        participants.USUAL: {"16": [report(10)]},
        participants.USUAL_ON_REDIS: {"16": [report(20)]},
        participants.BATCHED: {"16": [report(1_500, **at_limit)]},
        participants.PROSODY: {"8": [report(50)], "16": [report(60)]},
    }
    crowd = {name: {"1": [report(deliveries)]} for name, deliveries in CROWD_DELIVERIES.items()}
    rate = report(10_000, rate=40, server=0.5, latency_p99=22)
    return {
        "members": 500,
        "rounds": rounds,
        "absent": {participants.NGIRCD: "Debian's ngircd is not installed"},
        "crowd_members": 2_000,
        "crowd": crowd,
        "sizes": {wire: {"500": {"1": report(400), "16": report(900)}} for wire in WIRES},
        "rates": {wire: {"100": report(100, rate=100), "500": rate} for wire in WIRES},
    }


WIRES = ("web", "legacy")
CROWD_DELIVERIES = {participants.WEB: 80, participants.LEGACY: 90, participants.UNBATCHED: 100}


def connection_costs():
    entry = {"members": 900, "seconds": 3, "server_cpu_seconds": 1.8, "bytes_each": 20 * 1024}
    return {
        "idle": {name: {"1000": entry} for name in connections.FULLY_MEASURED},
        "crowd": dict.fromkeys(connections.FULLY_MEASURED, entry),
    }


def saving():
    way = {"rates": [4_000], "p50": 4, "p99": 12}
    saved = {"database": "SQLite", "speakers": 16, "together": way, "one_by_one": way, "ratio": 4}
    latency = {"database": "SQLite", "rate": 100, "p50": 3, "p99": 9}
    return {"target": 8, "saved": [saved], "latency": [latency], "skipped": ["no PostgreSQL"]}


def pages():
    rows = [
        history.row("SQLite", query, lines, times=[1, 2, 3], shortest=[1, 2, 3])
        for query in history.QUERIES
        for lines in (10_000, 1_000_000)
    ]
    return {"target": 1.5, "pages_ratio": 1.0, "rows": rows, "skipped": []}


def processes():
    used = {"postgresql": 0.2, "redis": 0.05, "statements": 30, "rings": 5}
    return {
        "rounds": {
            "1": {"16": [report(1_000, **used)]},
            "2": {"16": [report(500, **used), report(700, **used)]},
        }
    }


def page():
    load = {"requests": 20, "bytes": 40 * 1024, "socket_bytes": 2_048, "ready": 500}
    return {
        "target": 60 * 1024,
        "loads": {"first visit": load, "second visit": load},
        "other_hosts": [],
        "skipped": None,
    }


def many_rooms():
    entry = {"members": 1_950, "seconds": 3, "server_cpu_seconds": 1.8, "bytes_each": 30 * 1024}
    talk = {"rooms": [report(600)], "one": [report(1_000)], "receivers": 100.4, "in_one": 100}
    times = {"enter": [0.02, 0.03, 0.04], "sign up": [0.002]}
    return {
        "targets": rooms.TARGETS,
        "sizes": rooms.WHOLE._asdict(),
        "talk": {"entry": entry, **talk},
        "saved": {"SQLite": {"together": [8_000], "over_rooms": [6_000, 8_000]}},
        "unread": {"SQLite": {"pairs": 11_000, "unread": [0.5, 0.6, 0.7], "summaries": [0.8]}},
        "large": {"small": times, "large": {"enter": [0.03, 0.036, 0.04], "sign up": [0.002]}},
        "skipped": ["no PostgreSQL"],
    }
