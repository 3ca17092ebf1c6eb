"""The settings that Django's debug pages show."""

import re

from django.views.debug import SafeExceptionReporterFilter


class SettingsFilter(SafeExceptionReporterFilter):
    """Hides the addresses of services as well, because they may contain passwords."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|REDIS|CHANNEL_LAYERS", re.IGNORECASE
    )
