"""The causes of errors, in words for the log."""

LONGEST_CAUSE = 300  # characters


def describe(error: BaseException) -> str:
    """Return the message of an error in one line, or in other words if it has none."""
    if text := " ".join(str(error).split()):
        return text[:LONGEST_CAUSE]
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error means that the database is away, full, locked or read-only."""
    from django.db import InterfaceError, InternalError, OperationalError  # needs the settings

    # SQLite's code for wrong SQL and missing tables, which are errors of ours.
    is_ours = getattr(getattr(error, "__cause__", None), "sqlite_errorname", "") == "SQLITE_ERROR"
    return isinstance(error, (OperationalError, InterfaceError, InternalError)) and not is_ours
