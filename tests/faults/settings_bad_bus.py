"""The site's settings, with a bus that loses and mixes up what it carries (scenario F11)."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["BACKEND"] = "tests.faults.bad_bus.BadBus"
