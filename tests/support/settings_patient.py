"""The settings of servers, with times in which a client or a service may get no processor either.

Tests give them to a server by `**PATIENTLY` of `tests.support.servers`.
"""

from tests.support import settings_of_servers
from tests.support.settings_of_servers import *  # noqa: F403
from tests.support.waiting import PATIENCE

LIVE_TIMING = {**settings_of_servers.LIVE_TIMING, "GRACE": 2 * PATIENCE}
EMAIL_TIMEOUT = 2 * PATIENCE
