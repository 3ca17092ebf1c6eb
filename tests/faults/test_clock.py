"""Clocks that jump: nothing here is ordered, or declared dead, by the time of day."""

import time

import pytest

from tests.faults.crowd import Crowd
from tests.faults.figures import spread
from tests.faults.members import until
from tests.faults.oracle import nobody_left

HOUR, DAY = 3600, 86_400
JUMPS = [HOUR, -HOUR, 2 * DAY, -2 * DAY, 0]
LONG_ENOUGH = 12  # seconds: two beats


@pytest.mark.full
@pytest.mark.timeout(300)
def test_the_clock_of_one_server_jumps(play, database, redis, figures, tmp_path):
    """F10: the clock of one of two servers jumps by hours and days, forward and back."""
    clock = tmp_path / "offset"
    clock.write_text("0")

    async def scenario(site):
        first, _ = site.servers
        first.kill()
        first.environment |= {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings_moved_clock",
            "FAULTY_CLOCK": str(clock),
        }
        await site.start(first)
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        begun = time.monotonic()
        async with crowd.talking(50):
            for jump in JUMPS:
                clock.with_suffix(".new").write_text(str(jump))
                clock.with_suffix(".new").replace(clock)
                jumped = time.monotonic()
                await crowd.acknowledged(50)
                await until(
                    lambda then=jumped: time.monotonic() > then + LONG_ENOUGH, "", LONG_ENOUGH + 5
                )
        await crowd.settle()
        times = [told.took for told in crowd.told(begun)]
        figures.recovered = f"a line takes {spread(times)}"
        assert max(times) < 2
        ((earliest, latest),) = site.truth.ask("SELECT min(at), max(at) FROM chat_message")
        assert (latest - earliest).total_seconds() > 3 * DAY, "the clock did not move"
        await crowd.judge(figures, undisturbed=crowd.everybody, also=nobody_left)

    play(scenario, database=database, redis=redis.url)
