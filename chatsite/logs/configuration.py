"""The configuration of the log, for Django's setting LOGGING."""

from typing import Any


def logging_configuration(log_format: str, access_log: bool) -> dict[str, Any]:
    """Return it for one of the forms of the log; `access_log` also shows requests."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "chatsite.logs.formats.TextFormatter"},
            "json": {"()": "chatsite.logs.formats.JsonFormatter"},
        },
        "filters": {"plain_errors": {"()": "chatsite.logs.plain_errors.PlainErrors"}},
        "handlers": {
            "stderr": {
                "class": "chatsite.logs.counting.CountingHandler",
                "formatter": log_format,
                "filters": ["plain_errors"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "chat": {"level": "INFO"},
            "django": {"level": "INFO", "handlers": []},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": ["stderr"] if access_log else [], "propagate": False},
        },
    }
