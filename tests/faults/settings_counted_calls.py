"""The site's settings, in a process that counts the calls on its database (scenario F12)."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.counting.CallCounting"]
