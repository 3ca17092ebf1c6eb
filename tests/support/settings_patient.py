"""The site's settings, with times in which a client or a service may get no processor for a while.

Tests give them to a server by `**PATIENTLY` of `tests.support.servers`.
"""

from chatsite.settings import *  # noqa: F403
from tests.support.waiting import PATIENCE

LIVE_TIMING = {"GRACE": 2 * PATIENCE}
EMAIL_TIMEOUT = 2 * PATIENCE
