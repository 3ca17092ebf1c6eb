"""The number of processes that one room needs, calculated from the figures above.

Two figures of the same run are multiplied by the members of the room: the share of a core that one
process used for each delivery at a steady rate, and the memory of an idle connection.
"""

from math import ceil
from typing import NamedTuple

from tests.benchmarks import connections as connection_costs
from tests.benchmarks.report import rows

WIRE = "web"
PLANNED_CORE = 0.7  # share of a core that a process is planned to use
ROOMS = ((1_000, 5), (10_000, 1), (100_000, 1), (1_000_000, 1), (1_000_000, 10))
GIGABYTE = 1 << 30


class MeasuredPace(NamedTuple):
    """The result of one process at a steady rate, with the most members that were measured."""

    members: int
    messages: float  # a second
    core: float  # share of a core

    @property
    def deliveries_of_a_core(self):
        """Deliveries a second that a core makes at this pace."""
        return self.members * self.messages / self.core


def measured_pace(fanout):
    """Return the `MeasuredPace` of the benchmark `fanout`."""
    members, report = max(fanout["rates"][WIRE].items(), key=lambda item: int(item[0]))
    return MeasuredPace(members=int(members), messages=report["rate"], core=report["server"])


def bytes_of_a_connection(connections):
    """Return the bytes of an idle connection, from the row with the most connections."""
    _, entry = max(connections["idle"][connection_costs.WEB].items(), key=lambda item: int(item[0]))
    return entry["bytes_each"]


def processes_needed(pace, members, messages):
    """Return how many processes a room needs, each with `PLANNED_CORE` of a core."""
    return ceil(members * messages / (PLANNED_CORE * pace.deliveries_of_a_core))


def tables(fanout, connections):
    """Yield the calculation as lines of Markdown."""
    pace, size = measured_pace(fanout), bytes_of_a_connection(connections)
    yield (
        f"One process sent {pace.messages:g} messages a second to {pace.members:,} members with "
        f"{pace.core:.0%} of a core, so a whole core makes {pace.deliveries_of_a_core:,.0f} "
        f"deliveries a second at that pace. The table plans with {PLANNED_CORE:.0%} of a core for "
        f"each process, and with the {size / 1024:.0f} KB of an idle connection."
    )
    yield ""
    yield from rows(
        ["members", "messages/s", "deliveries/s", "processes", "memory of the connections"],
        [
            [
                f"{members:,}",
                str(messages),
                f"{members * messages:,}",
                f"{processes_needed(pace, members, messages):,}",
                f"{members * size / GIGABYTE:,.2f} GB",
            ]
            for members, messages in ROOMS
        ],
    )
