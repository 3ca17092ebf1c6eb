"""The clock of a server jumps. Nothing is ordered or declared dead by the time of day."""

import time

import pytest

from tests.faults.figures import spread
from tests.faults.judge import Expectations
from tests.faults.presence_checks import assert_nobody_left
from tests.faults.waiting import until_time

pytestmark = pytest.mark.slow

HOUR, DAY = 3600, 86_400
JUMPS = [HOUR, -HOUR, 2 * DAY, -2 * DAY, 0]  # seconds, from the right time
BETWEEN_JUMPS = 12  # seconds: two beats


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_server_whose_clock_jumps_keeps_its_members(play, figures, tmp_path):
    """F10: the clock of one of two servers jumps by hours and days, forward and back."""
    clock = tmp_path / "offset"
    clock.write_text("0")

    async def scenario(site, crowd):
        first, _ = site.servers
        first.kill()
        first.environment |= {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings_moved_clock",
            "MOVED_CLOCK": str(clock),
        }
        await site.start(first)
        await crowd.gather(45, 5)
        start = time.monotonic()
        async with crowd.talking(50):
            for jump in JUMPS:
                clock.with_suffix(".new").write_text(str(jump))
                clock.with_suffix(".new").replace(clock)
                jumped = time.monotonic()
                await crowd.until_acknowledged(50)
                await until_time(jumped + BETWEEN_JUMPS)
        await crowd.settle()
        durations = [message.duration for message in crowd.acknowledged(start)]
        figures.recovered = f"a line takes {spread(durations)}"
        assert max(durations) < 2
        ((earliest, latest),) = site.database.query("SELECT min(at), max(at) FROM chat_message")
        assert (latest - earliest).total_seconds() > 3 * DAY, "the clock did not move"
        return Expectations(undisturbed=crowd.everybody, also=assert_nobody_left)

    play(scenario)
