"""The tables of the benchmark `rooms`, and the ratios in them."""

from statistics import median

from tests.benchmarks.report import count, in_range, middle, rows


def talk_ratio(result):
    """Return the deliveries a second in many rooms, as a part of those in one room."""
    return middle(result["talk"]["rooms"]) / middle(result["talk"]["one"])


def saved_ratio(rates):
    """Return the messages saved a second over many rooms, as a part of those in one room."""
    return median(rates["over_rooms"]) / median(rates["together"])


def large_ratio(result, what):
    """Return how many times as long something takes on the large site."""
    return median(result["large"]["large"][what]) / median(result["large"]["small"][what])


def tables(result):
    """Yield the tables as lines of Markdown."""
    for table in (_talk, _saved, _unread, _large):
        yield from table(result, result["sizes"], result["targets"])
        yield ""
    for reason in result["skipped"]:
        yield from (f"Not measured: {reason}.", "")


def _talk(result, sizes, targets):
    talk = result["talk"]
    yield (
        f"{sizes['members']:,} web members with {sizes['rooms_each']} of {sizes['rooms']} rooms "
        f"each, all open: {talk['entry']['bytes_each'] / 1024:.0f} KB for each idle connection "
        f"(target: {targets['memory']} KB). {sizes['speaking']} people speak, in as many rooms or "
        "in one, with one message under way each. The time is that until a speaker's own message "
        f"comes back. The target is {targets['deliveries']} of the deliveries in one room."
    )
    yield ""
    columns = ["spoken in", "receivers of a message", "messages in a read"]
    columns += ["deliveries/s", "messages/s", "p50 / p99"]
    yield from rows(
        [*columns, "server"],
        [
            _talk_cells(f"{sizes['speaking']} rooms", talk["rooms"], talk["receivers"]),
            _talk_cells("one room", talk["one"], talk["in_one"]),
        ],
    )


def _talk_cells(title, reports, receivers):
    p50, p99 = (middle(reports, figure) for figure in ("latency_p50", "latency_p99"))
    return [
        title,
        f"{receivers:.0f}",
        f"{middle(reports, 'in_a_read'):.1f}",
        in_range([each["deliveries"] for each in reports]),
        count(middle(reports, "messages")),
        f"{p50:.0f} / {p99:.0f} ms",
        f"{middle(reports, 'server'):.0%}",
    ]


def _saved(result, sizes, targets):
    aims = " and ".join(f"{aim} on {engine}" for engine, aim in targets["saved"].items())
    yield (
        f"Messages saved a second, {sizes['speaking']} under way, in one room and over as many "
        f"rooms. The targets are {aims}, of one room before there were many."
    )
    yield ""
    yield from rows(
        ["database", "one room", "many rooms", "ratio"],
        (
            [
                engine,
                in_range(rates["together"]),
                in_range(rates["over_rooms"]),
                f"{saved_ratio(rates):.2f}",
            ]
            for engine, rates in result["saved"].items()
        ),
    )


def _unread(result, sizes, targets):
    aims = " and ".join(f"{aim} s on {engine}" for engine, aim in targets["unread"].items())
    yield (
        f"Counting what {sizes['unread_members']:,} members have not read, who come back together, "
        f"with {sizes['unread_lines']:,} lines in {sizes['rooms']} rooms. The targets are {aims}, "
        "with ten million lines."
    )
    yield ""
    yield from rows(
        ["database", "rooms of members", "unread", "with all about the rooms"],
        (
            [
                engine,
                count(row["pairs"]),
                _milliseconds(row["unread"]),
                _milliseconds(row["summaries"]),
            ]
            for engine, row in result["unread"].items()
        ),
    )


def _large(result, sizes, targets):
    large = result["large"]
    yield (
        f"A site with {sizes['large_rooms']:,} rooms, where a member has "
        f"{sizes['large_rooms_each']}, beside a site with one. The target is at most "
        f"{targets['large']} times as long."
    )
    yield ""
    yield from rows(
        ["what", "one room", "many rooms", "ratio"],
        (
            [
                what,
                _milliseconds(large["small"][key]),
                _milliseconds(large["large"][key]),
                f"{large_ratio(result, key):.2f}",
            ]
            for what, key in (
                ("from connecting to the welcome", "enter"),
                ("a new account, without hashing", "sign up"),
            )
        ),
    )


def _milliseconds(seconds):
    return f"{1000 * median(seconds):.1f} ms"
