"""The site's settings, with a channel layer that loses and reorders rings (scenario F11)."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["BACKEND"] = "tests.faults.bad_bus.UnreliableLayer"
