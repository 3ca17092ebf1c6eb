"""The errors after which a call may succeed later."""

from django.db import InterfaceError, InternalError, OperationalError

Unavailable = (OperationalError, InterfaceError, InternalError)
"""The exceptions of a call while the database is away, full, locked or read-only: try it later."""


class OutcomeUnknown(OperationalError):
    """A call that writes may have taken effect, or may still do so."""
