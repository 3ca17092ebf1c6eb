"""The members of the fault tests wait as long as the page does."""

import re
from pathlib import Path

from django.conf import settings

from tests.faults import timing

PAGE_TIMING = Path(settings.BASE_DIR, "static", "chat", "core", "timing.js")
CONSTANT = re.compile(r"^export const ([A-Z_]+) = ([\d_]+);", re.MULTILINE)
# A member has no need of these: it connects over a fast network, and does not ping.
ONLY_THE_PAGE = {"LONGEST_WELCOME_TIMEOUT", "STALE_ATTEMPT", "CLOSE_TIMEOUT", "PING_AFTER"}
ONLY_THE_PAGE |= {"HELD_MARGIN"}  # the limits are off


def test_the_members_of_the_fault_tests_have_the_timing_of_the_page():
    page = {name: int(value) / 1000 for name, value in CONSTANT.findall(PAGE_TIMING.read_text())}
    members = {name: value for name, value in vars(timing).items() if name.isupper()}

    assert set(page) >= ONLY_THE_PAGE
    assert members == {name: page[name] for name in page if name not in ONLY_THE_PAGE}
