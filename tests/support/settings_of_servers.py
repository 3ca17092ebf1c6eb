"""The site's settings, with more time for the database of a server that gets no processor.

A stop of the whole process would count as one of the database, and members would be told to try
again. Servers of tests have these settings unless a test is about such times.
"""

import re

from chatsite.settings import *  # noqa: F403
from chatsite.settings import DATABASES
from tests.support.waiting import PATIENCE

LIVE_TIMING = {"ANSWER_WITHIN": PATIENCE}

_options = DATABASES["default"]["OPTIONS"]
if "options" in _options:  # PostgreSQL: the limits for locks and for idle transactions
    _options["options"] = re.sub(r"timeout=\d+s", f"timeout={PATIENCE}s", _options["options"])
else:
    _options["timeout"] = PATIENCE
