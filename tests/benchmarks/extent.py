"""How far one room goes: how many processes its members need, calculated from what was measured.

Only figures of the same run are used. A process at a steady pace has taken a share of a core for
the deliveries that it made, and an idle connection some memory. Both are multiplied.
"""

from math import ceil
from typing import NamedTuple

from tests.benchmarks import connections as connection_costs
from tests.benchmarks.report import rows

WIRE = "web"
FULL = 0.7  # of a core that one may plan with
ROOMS = ((1_000, 5), (10_000, 1), (100_000, 1), (1_000_000, 1), (1_000_000, 10))
GIGABYTE = 1 << 30


class MeasuredPace(NamedTuple):
    """What one process has done at a steady pace, for its largest number of members."""

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
    """Return the memory of an idle connection, with the most that were held."""
    _, entry = max(connections["idle"][connection_costs.WEB].items(), key=lambda item: int(item[0]))
    return entry["bytes_each"]


def processes_needed(pace, members, messages):
    """Return how many processes a room needs, each with `FULL` of a core."""
    return ceil(members * messages / (FULL * pace.deliveries_of_a_core))


def tables(fanout, connections):
    """Yield the calculation as lines of Markdown."""
    pace, size = measured_pace(fanout), bytes_of_a_connection(connections)
    yield (
        f"One process sent {pace.messages:g} messages a second to {pace.members:,} members with "
        f"{pace.core:.0%} of a core, so a whole core makes {pace.deliveries_of_a_core:,.0f} "
        f"deliveries a second at that pace. The table plans with {FULL:.0%} of a core for each "
        f"process, and with the {size / 1024:.0f} KB of an idle connection."
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
